import type { Clock } from "../clock.ts";
import type { Directive } from "../contract/on-failure.ts";
import { MeshError, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { Backoff } from "./backoff.ts";
import type { Child } from "./child.ts";
import { Intensity } from "./intensity.ts";
import { Round } from "./round.ts";
import { affectedBy } from "./strategy.ts";
import type { TreePolicy } from "./tree.ts";

/**
 * The supervisor of some children (OTP): it restarts those that fail, and fails itself when that does not help.
 *
 * V1: children start in order, and stop in reverse order.
 * V2: a failure restarts the children that the strategy names, and no other.
 * V3: more restarts than the intensity allows, or a failure that is to be escalated: all children are halted, and the
 *     parent decides.
 * V4: what a restart under way replaces anyway is not restarted for twice.
 */

export interface BranchParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** From 0 to 1; tests bring their own. */
  readonly random?: (() => number) | undefined;
}

/** Whoever decides when a branch has given up. */
export type OnGaveUp = (branch: Branch, error: MeshError) => void;

interface Kept {
  readonly backoff: Backoff;
  aliveSince: number;
}

export class Branch implements Child {
  readonly name: string;
  private children: readonly Child[] = [];
  private readonly policy: TreePolicy;
  private readonly parts: BranchParts;
  private readonly onGaveUp: OnGaveUp;
  private readonly intensity: Intensity;
  private readonly kept = new Map<Child, Kept>();
  private readonly rounds = new Set<Round>();
  private isOver = false;
  /** Times that it was held. */
  private holds = 0;
  /** Why it has given up. */
  private failure: MeshError | undefined;

  constructor(name: string, policy: TreePolicy, parts: BranchParts, onGaveUp: OnGaveUp) {
    this.name = name;
    this.policy = policy;
    this.parts = parts;
    this.onGaveUp = onGaveUp;
    this.intensity = new Intensity(policy.restarts, policy.withinMs);
  }

  /** Puts a child behind those that are there; before `start`. */
  add(child: Child): void {
    const { firstMs, longestMs } = this.policy;
    const backoff = new Backoff({ firstMs, longestMs, random: this.parts.random });
    this.children = [...this.children, child];
    this.kept.set(child, { backoff, aliveSince: 0 });
  }

  /** From now on somebody else stops it. */
  release(child: Child): void {
    this.children = this.children.filter((each) => each !== child);
    this.kept.delete(child);
    for (const round of this.rounds) round.drop(child);
  }

  get isEmpty(): boolean {
    return this.children.length === 0;
  }

  async start(): Promise<void> {
    const started: Child[] = [];
    try {
      // V1
      for (const child of this.children) {
        await child.start();
        started.push(child);
        this.live(child);
        // One that was there already may have failed for good meanwhile.
        if (this.isOver) throw this.failure ?? new MeshError("unavailable", `${this.name} was stopped.`);
      }
    } catch (error) {
      for (const child of started.toReversed()) await child.retire();
      throw error;
    }
  }

  /** A child has failed. */
  failed(child: Child, error: unknown, directive: Directive): void {
    // V4
    if (this.isOver || directive === "resume" || this.isReplaced(child)) return;
    if (directive === "escalate") return this.giveUp(child, error);
    if (directive === "stop") return void this.dismiss(child, error);
    this.restart(child, error);
  }

  hold(why: string): void {
    this.isOver = true;
    this.holds++;
    for (const round of this.rounds) round.cancel();
    for (const child of this.children.toReversed()) child.hold(why);
  }

  async halt(): Promise<void> {
    await this.settled();
    // V1
    for (const child of this.children.toReversed()) await child.halt();
  }

  async revive(): Promise<void> {
    const { holds } = this;
    this.isOver = false;
    this.intensity.reset();
    for (const child of this.children) {
      // It may fail as a whole while it begins anew, and so may some of its children.
      if (this.holds !== holds) return;
      if (this.isReplaced(child)) continue;
      this.live(child);
      await child.revive();
    }
  }

  async retire(): Promise<void> {
    this.isOver = true;
    for (const round of this.rounds) round.cancel();
    await this.settled();
    // V1
    for (const child of this.children.toReversed()) await child.retire();
  }

  /** What a round that was cancelled has begun is done. */
  private async settled(): Promise<void> {
    await Promise.all([...this.rounds].map(({ done }) => done));
  }

  private live(child: Child): void {
    const kept = this.kept.get(child);
    if (kept) kept.aliveSince = this.parts.clock.now();
  }

  private isReplaced(child: Child): boolean {
    return [...this.rounds].some((round) => round.has(child));
  }

  private async dismiss(child: Child, error: unknown): Promise<void> {
    this.parts.log.error({ err: error }, `${child.name} has failed, and is stopped for good`);
    this.release(child);
    child.hold(`it has failed: ${messageOf(error)}`);
    await child.retire();
  }

  private restart(failed: Child, error: unknown): void {
    const { clock, log } = this.parts;
    const kept = this.kept.get(failed);
    if (!kept) return;
    const now = clock.now();
    // V3
    if (!this.intensity.allows(now)) return this.giveUp(failed, error);
    const waitMs = kept.backoff.next(now - kept.aliveSince);
    // V2. What another round would have revived meanwhile, and depends on this child, comes with it.
    const affected = new Set(affectedBy(this.policy.strategy, failed, this.children));
    const overtaken = [...this.rounds].filter((round) => round.children.some((each) => affected.has(each)));
    for (const round of overtaken) {
      for (const child of round.children) affected.add(child);
      round.cancel();
      this.rounds.delete(round);
    }
    const children = this.children.filter((child) => affected.has(child));
    log.warn(
      { err: error, waitMs, restarted: children.map(({ name }) => name) },
      `${failed.name} has failed: starting anew`,
    );
    for (const child of children.toReversed()) child.hold(reasonFor(child, failed, error));
    this.begin(children, waitMs, overtaken);
  }

  private begin(children: readonly Child[], waitMs: number, overtaken: readonly Round[] = []): void {
    const { clock } = this.parts;
    const round = new Round(children, {
      clock,
      waitMs,
      after: overtaken.map(({ done }) => done),
      onBegin: (child) => this.live(child),
    });
    this.rounds.add(round);
    void round.done.then((failure) => {
      if (!this.rounds.delete(round) || !failure || this.isOver) return;
      if (this.kept.has(failure.child)) this.restart(failure.child, failure.error);
      // That one is no longer ours; the others must not wait for it.
      else this.begin(round.children, 0);
    });
  }

  private giveUp(failed: Child, cause: unknown): void {
    const { restarts, withinMs } = this.policy;
    const error = new MeshError(
      "unavailable",
      `${this.name} gives up: ${failed.name} failed (${messageOf(cause)})` +
        `${restarts > 0 ? `, and more than ${restarts} restarts in ${withinMs / 1_000} s do not help` : ""}.`,
      { cause },
    );
    this.failure = error;
    this.hold(error.message);
    this.onGaveUp(this, error);
  }
}

function reasonFor(child: Child, failed: Child, error: unknown): string {
  return `${child === failed ? "it" : failed.name} has failed: ${messageOf(error)}`;
}
