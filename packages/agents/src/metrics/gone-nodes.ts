import { Departed, type Followed, type ReplicaFigures } from "@shoal/mesh";

/** What nodes that are gone have done, added up by agent: telling it takes no longer the more there were. */
export class GoneNodes {
  private readonly forgotten = new Departed();
  private sums = new Departed();
  /** Those that are in the sums, and when they had been heard by then: one that is heard again has other figures. */
  private readonly counted = new Map<string, number>();

  /** @param gone all that are gone and not forgotten */
  sumsWith(gone: readonly Followed[]): ReplicaFigures[] {
    const known = gone.filter(({ mirror, heardAt }) => this.counted.get(mirror.node) === heardAt);
    if (known.length < this.counted.size) this.beginAnew();
    for (const { mirror, heardAt } of gone) {
      if (this.counted.has(mirror.node)) continue;
      for (const replica of mirror.figures.replicas) this.sums.add(replica);
      this.counted.set(mirror.node, heardAt);
      mirror.pack();
    }
    return this.sums.all;
  }

  /** Stays counted, whatever it tells from now on. */
  forget({ mirror }: Followed): void {
    for (const replica of mirror.figures.replicas) this.forgotten.add(replica);
    // It is in the sums already.
    if (!this.counted.delete(mirror.node)) this.beginAnew();
  }

  /** Somebody has come back. */
  private beginAnew(): void {
    this.sums = new Departed();
    for (const figures of this.forgotten.all) this.sums.add(figures);
    this.counted.clear();
  }
}
