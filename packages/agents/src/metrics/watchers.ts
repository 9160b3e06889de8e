import { MeshError } from "@shoal/mesh";

/**
 * Those who watch, each for as long as it likes.
 *
 * ME8: they leave room for those who read, and a replica that leaves does not wait for them.
 */
export class Watchers {
  private readonly most: number;
  private readonly leaving = new AbortController();
  private count = 0;

  /** @param most at once */
  constructor(most: number) {
    this.most = most;
  }

  /**
   * One more, until `remove`.
   * @param signal fires when its request ends
   * @returns fires then, and when the replica leaves
   * @throws MeshError `overloaded` when there are too many
   */
  add(signal: AbortSignal): AbortSignal {
    // ME8
    if (this.count >= this.most)
      throw new MeshError("overloaded", `${this.most} watch already: \`read\` tells the same once.`, {
        retryAfterS: 1,
      });
    this.count++;
    return AbortSignal.any([signal, this.leaving.signal]);
  }

  remove(): void {
    this.count--;
  }

  /** All of them end. */
  leave(): void {
    this.leaving.abort(new MeshError("unavailable", "this metrics agent stops: another may be there."));
  }
}
