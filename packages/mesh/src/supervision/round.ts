import type { Clock } from "../clock.ts";
import type { Child } from "./child.ts";

export interface RoundParts {
  readonly clock: Clock;
  readonly waitMs: number;
  /** What has to be over first. */
  readonly after: readonly Promise<unknown>[];
  readonly onAlive: (child: Child) => void;
}

interface RoundFailure {
  readonly child: Child;
  readonly error: unknown;
}

/** One restart of some children: halted in reverse order, and after a while revived in order. */
export class Round {
  /** In the order in which they are started. */
  readonly children: readonly Child[];
  /** Never rejects; tells of the child that could not be revived. Undefined when all were, or when it was cancelled. */
  readonly done: Promise<RoundFailure | undefined>;
  private readonly toRevive: Set<Child>;
  private isCancelled = false;
  private wake = (): void => {};

  constructor(children: readonly Child[], parts: RoundParts) {
    this.children = children;
    this.toRevive = new Set(children);
    this.done = this.run(parts);
  }

  /** No more children are revived. */
  cancel(): void {
    this.isCancelled = true;
    this.wake();
  }

  /** It has not begun anew yet. */
  isToRevive(child: Child): boolean {
    return this.toRevive.has(child);
  }

  private async run({ clock, waitMs, after, onAlive }: RoundParts): Promise<RoundFailure | undefined> {
    await Promise.all(after);
    // V1
    for (const child of this.children.toReversed()) await child.halt();
    if (!this.isCancelled) await this.wait(clock, waitMs);
    for (const child of this.children) {
      if (this.isCancelled) return undefined;
      try {
        this.toRevive.delete(child);
        await child.revive();
        onAlive(child);
      } catch (error) {
        return { child, error };
      }
    }
    return undefined;
  }

  private wait(clock: Clock, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const stop = clock.after(ms, resolve);
      this.wake = () => {
        stop();
        resolve();
      };
    });
  }
}
