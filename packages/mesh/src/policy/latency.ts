/** Times that are remembered, and how many there must be before they mean something. */
const KEPT = 128;
const LEAST = 20;
/** New times before the quantile is worked out again. */
const STALE_AFTER = 16;

/** The p95 of a target's latest answers. */
export class Latency {
  private readonly times: number[] = [];
  private next = 0;
  private news = 0;
  private known: number | undefined;

  add(ms: number): void {
    this.times[this.next] = ms;
    this.next = (this.next + 1) % KEPT;
    this.news++;
  }

  /** Undefined until 20 answers are known. */
  get p95Ms(): number | undefined {
    if (this.times.length < LEAST) return undefined;
    if (this.known === undefined || this.news >= STALE_AFTER) {
      const sorted = this.times.toSorted((a, b) => a - b);
      this.known = sorted[Math.floor(sorted.length * 0.95)];
      this.news = 0;
    }
    return this.known;
  }
}
