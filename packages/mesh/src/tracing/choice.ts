const PERIOD_MS = 1_000;
/** Until it is known how many there are, more are written down than should be; never more than so many times as many. */
const MOST_TIMES = 16;

/**
 * Which of many traces are written down when there are too many: a half of them, a quarter, and so on. What one node
 * chooses another that has as much to do chooses too, so that a trace is found whole or not at all.
 */
export class Choice {
  private readonly mostPerSecond: number;
  /** A lot is drawn when it has none of these bits. */
  private mask = 0;
  private taken = 0;
  /** In this period, however narrow the choice was. */
  private takenInAll = 0;
  private until = -Infinity;
  private hasGrown = false;

  constructor(mostPerSecond: number) {
    this.mostPerSecond = mostPerSecond;
  }

  /** @param lot the same for all requests of one trace: a whole number below 2³² @param now by the clock */
  takes(lot: number, now: number): boolean {
    if (now >= this.until) this.turn(now);
    if ((lot & this.mask) !== 0) return false;
    // Lots come from callers, and may be the same for all of them.
    if (this.takenInAll >= MOST_TIMES * this.mostPerSecond) return false;
    this.takenInAll++;
    if (++this.taken > this.mostPerSecond) this.narrow();
    return true;
  }

  private turn(now: number): void {
    if (!this.hasGrown && this.taken < this.mostPerSecond / 4) this.mask >>>= 1;
    this.until = now + PERIOD_MS;
    this.taken = 0;
    this.takenInAll = 0;
    this.hasGrown = false;
  }

  private narrow(): void {
    this.mask = (this.mask << 1) | 1;
    this.taken = 0;
    this.hasGrown = true;
  }
}
