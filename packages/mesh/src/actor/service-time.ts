import type { Clock } from "../clock.ts";

/** Weight of the newest service time in the running mean; the first ten count alike, since the very first is seldom a usual one. */
const SMOOTHING = 0.1;

export interface Started {
  readonly startedAt: number;
}

/** How long a handler takes: what a backlog needs is reckoned from it. */
export class ServiceTime {
  private readonly clock: Clock;
  private mean = 0;
  private count = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Takes note of a handler that has returned. */
  add({ startedAt }: Started, now: number): void {
    this.mean += Math.max(SMOOTHING, 1 / ++this.count) * (now - startedAt - this.mean);
  }

  /** 0 before the first. */
  get meanMs(): number {
    return this.mean;
  }

  /** Milliseconds that the next one is expected to take: those that run now count with their age, once past the mean. */
  expected(running: ReadonlySet<Started>): number {
    const { meanMs } = this;
    if (running.size === 0) return meanMs;
    const now = this.clock.now();
    let sum = 0;
    for (const { startedAt } of running) sum += Math.max(meanMs, now - startedAt);
    return sum / running.size;
  }
}
