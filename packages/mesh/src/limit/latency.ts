import type { Ended } from "./limit.ts";

const TOLERANCE = 1.5;
const LEAST_GRADIENT = 0.5;
/** The short average looks back over as many calls as the limit, and at least this many. */
const LEAST_CALLS = 20;
/** The long one over so many times as much. */
const LONG = 20;
/** What a call costs that took its time and brought nothing, in usual calls: a third of failures is then too many. */
const FAILURE_COSTS = 3;
/** While calls are slow the long average follows them this much more slowly, or it would soon take that for usual. */
const RELUCTANCE = 4;

/** How long calls take lately, beside how long they usually take. */
export class Latency {
  private readonly targetMs: number;
  private short = 0;
  private long = 0;
  /** Calls in the averages. */
  private known = 0;

  /** @param targetMs what takes longer is slow, however usual it may be */
  constructor(targetMs: number) {
    this.targetMs = targetMs;
  }

  /** What a call has cost in milliseconds. One that failed at once has cost no less than any other. */
  costOf({ startedAt, endedAt, isDrop }: Ended): number {
    const tookMs = endedAt - startedAt;
    return isDrop ? FAILURE_COSTS * Math.max(tookMs, this.long, 1) : tookMs;
  }

  /** Takes note of a call, and tells by how much calls are too slow: from 1, not at all, down to a half. */
  add({ isDrop, startedAt, endedAt }: Ended, cost: number, limit: number): number {
    const window = Math.max(LEAST_CALLS, limit);
    this.known++;
    this.short += (cost - this.short) / Math.min(this.known, window);
    const gradient = this.known < window ? 1 : this.gradient;
    // What failed tells nothing of how long it usually takes.
    if (!isDrop) {
      const reluctance = gradient < 1 ? RELUCTANCE : 1;
      this.long += (endedAt - startedAt - this.long) / (Math.min(this.known, LONG * window) * reluctance);
    }
    return gradient;
  }

  /** What was slow is over. */
  forgive(): void {
    this.short = this.long;
  }

  /** It takes so long however little runs: that is usual now. */
  accept(usualMs: number): void {
    this.long = Math.max(this.long, usualMs);
  }

  private get gradient(): number {
    const allowedMs = Math.min(TOLERANCE * this.long, this.targetMs);
    return Math.min(1, Math.max(LEAST_GRADIENT, allowedMs / this.short));
  }
}
