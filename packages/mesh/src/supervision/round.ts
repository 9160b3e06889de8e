import { type Clock } from "../clock.ts";
import { MeshError } from "../errors.ts";
import { within } from "../within.ts";
import type { Child } from "./child.ts";

/** A child that takes longer to begin anew counts as one that cannot. */
const START_MS = 120_000;

export interface RoundParts {
  readonly clock: Clock;
  readonly waitMs: number;
  /** What has to be over first. */
  readonly after: readonly Promise<unknown>[];
  /** A child begins anew. */
  readonly onBegin: (child: Child) => void;
}

interface RoundFailure {
  readonly child: Child;
  readonly error: unknown;
}

/** One restart of some children: halted in reverse order, and after a while revived in order. */
export class Round {
  /** Never rejects; tells of the child that could not be revived. Undefined when all were, or when it was cancelled. */
  readonly done: Promise<RoundFailure | undefined>;
  /** In the order in which they are started. */
  private readonly affected: readonly Child[];
  private readonly toRevive: Set<Child>;
  private readonly cancelled: Promise<void>;
  private isCancelled = false;
  /** Ends whatever it waits for. */
  private wake = (): void => {};

  constructor(children: readonly Child[], parts: RoundParts) {
    this.affected = children;
    this.toRevive = new Set(children);
    this.cancelled = new Promise((resolve) => (this.wake = resolve));
    this.done = this.run(parts);
  }

  /** Those that have not begun anew yet. */
  get children(): readonly Child[] {
    return [...this.toRevive];
  }

  has(child: Child): boolean {
    return this.toRevive.has(child);
  }

  /** Somebody else stops this child from now on. */
  drop(child: Child): void {
    this.toRevive.delete(child);
  }

  /** No more children are revived, and one that is just beginning is not waited for. */
  cancel(): void {
    this.isCancelled = true;
    this.wake();
  }

  private async run({ clock, waitMs, after, onBegin }: RoundParts): Promise<RoundFailure | undefined> {
    await Promise.all(after);
    // V1
    for (const child of this.affected.toReversed()) await child.halt();
    if (!this.isCancelled) await within(clock, waitMs, this.cancelled);
    for (const child of this.affected) {
      if (this.isCancelled) return undefined;
      if (!this.toRevive.delete(child)) continue;
      onBegin(child);
      const failure = await this.revive(child, clock);
      if (failure) return failure;
    }
    return undefined;
  }

  private async revive(child: Child, clock: Clock): Promise<RoundFailure | undefined> {
    let failure: RoundFailure | undefined;
    const revived = child.revive().catch((error: unknown) => {
      failure = { child, error };
    });
    if (await within(clock, START_MS, Promise.race([revived, this.cancelled]))) {
      return this.isCancelled ? undefined : failure;
    }
    const error = new MeshError("unavailable", `it has not started within ${START_MS / 1_000} s.`);
    return { child, error };
  }
}
