/** Weight of the newest time in the running means. */
const SMOOTHING = 0.1;
/** Spread, as a part of the mean, up to which times are as good as equal. */
const REGULAR_SPREAD = 0.15;
/** Runs before anything is said of the next. */
const ENOUGH = 5;

/** How long a method takes, and how sure that is. */
export class Pace {
  meanMs = 0;
  private spreadMs = 0;
  private count = 0;

  add(tookMs: number): void {
    if (this.count++ === 0) this.meanMs = tookMs;
    const distance = tookMs - this.meanMs;
    this.meanMs += SMOOTHING * distance;
    this.spreadMs += SMOOTHING * (Math.abs(distance) - this.spreadMs);
  }

  /** Milliseconds that one which has run for so long is expected to go on for. */
  restMs(elapsedMs: number): number {
    const foreseenMs = this.foreseenMs(elapsedMs);
    // What has taken long will take long still.
    return Number.isFinite(foreseenMs) ? foreseenMs : Math.max(this.meanMs, elapsedMs);
  }

  /** The same where it is sure, because one takes as long as another; else infinite. */
  foreseenMs(elapsedMs: number): number {
    const isRegular = this.count >= ENOUGH && this.spreadMs <= REGULAR_SPREAD * this.meanMs;
    const isOnTime = elapsedMs <= this.meanMs + this.spreadMs;
    return isRegular && isOnTime ? Math.max(0, this.meanMs - elapsedMs) : Infinity;
  }
}
