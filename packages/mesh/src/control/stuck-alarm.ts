import type { Actor } from "../actor/actor.ts";
import type { Job } from "../actor/job.ts";
import type { Clock } from "../clock.ts";
import { type StuckPolicy, stuckAfterMs } from "./stuck-policy.ts";

/**
 * Requests that run far longer than theirs do: an event `stuck` and a line in the log, and `unstuck` at their end.
 *
 * IN4: each is told once, and its end once.
 * IN5: it costs one look a second at what runs, while something runs that takes long; else nothing.
 */

const EVERY_MS = 1_000;

export interface StuckParts {
  readonly clock: Clock;
  readonly policy: StuckPolicy;
  /** Those of the node. */
  readonly actors: () => readonly Actor[];
}

export class StuckAlarm {
  private readonly parts: StuckParts;
  private readonly stuck = new Set<Job>();
  private stopTimer: (() => void) | undefined;

  constructor(parts: StuckParts) {
    this.parts = parts;
  }

  has(job: Job): boolean {
    return this.stuck.has(job);
  }

  /** Something takes long: from now on it looks, until nothing runs and nothing waits. */
  readonly arm = (): void => {
    this.stopTimer ??= this.parts.clock.after(EVERY_MS, this.look);
  };

  close(): void {
    this.stopTimer?.();
    this.stopTimer = undefined;
    this.stuck.clear();
  }

  private readonly look = (): void => {
    this.stopTimer = undefined;
    const now = this.parts.clock.now();
    const actors = this.parts.actors();
    for (const job of this.stuck) if (!job.actor.running.has(job)) this.unstick(job, now);
    for (const { running } of actors) for (const job of running) this.judge(job, now);
    // IN5
    if (actors.some(({ isIdle }) => !isIdle)) this.arm();
  };

  private judge(job: Job, now: number): void {
    const { policy } = this.parts;
    // A stream that goes on is not stuck, however long it is.
    const stillMs = now - Math.max(job.startedAt, job.movedOnAt);
    // IN4. Most are young: nothing is worked out for them.
    if (stillMs < policy.atLeastMs || !job.hasBegun || this.stuck.has(job)) return;
    const { running } = job.method.stats;
    const p99Ms = running.quantile(0.99);
    if (p99Ms === null || stillMs < stuckAfterMs(policy, running.count, p99Ms)) return;
    this.stuck.add(job);
    const ageMs = now - job.startedAt;
    const fields = { ...nameOf(job), ageMs: Math.round(ageMs), p99Ms: Math.round(p99Ms * 10) / 10 };
    job.actor.log.warn(fields, `${job.method.target} runs far longer than it does: it may be stuck`);
    job.actor.emit("stuck", fields);
  }

  private unstick(job: Job, now: number): void {
    this.stuck.delete(job);
    const fields = { ...nameOf(job), ageMs: Math.round(now - job.startedAt) };
    job.actor.log.info(fields, `${job.method.target} that was stuck has ended`);
    job.actor.emit("unstuck", fields);
  }
}

function nameOf({ method, inbound }: Job): { method: string; request: string } {
  return { method: method.name, request: inbound.id };
}
