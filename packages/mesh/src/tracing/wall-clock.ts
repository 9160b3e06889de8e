import type { Clock } from "../clock.ts";

/** The two clocks may drift apart by so much until one is set by the other again. */
const MOST_DRIFT_MS = 50;

/**
 * Times of the mesh's monotonic clock as milliseconds since 1970, for what people and other programs read. Two times of one
 * process are as far apart as the monotonic clock says, unless the computer's clock was set between them.
 */
export class WallClock {
  private readonly clock: Clock;
  private offsetMs = NaN;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get now(): number {
    return this.at(this.clock.now());
  }

  /** @param time by the mesh's clock */
  at(time: number): number {
    const offsetMs = Date.now() - this.clock.now();
    if (!(Math.abs(offsetMs - this.offsetMs) <= MOST_DRIFT_MS)) this.offsetMs = offsetMs;
    return time + this.offsetMs;
  }
}
