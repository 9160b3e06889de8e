/** Waits between restarts: doubling, with jitter, starting anew after a time of health. */
export class Backoff {
  private readonly random: () => number;
  private failures = 0;

  constructor(random: () => number = Math.random) {
    this.random = random;
  }

  /**
   * Milliseconds to wait before the next start: 200 ms to 10 s, ±20 %.
   * @param aliveMs how long the last one lived; over a minute counts as healthy
   */
  next(aliveMs: number): number {
    if (aliveMs > HEALTHY_MS) this.failures = 0;
    const base = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.failures);
    this.failures++;
    return Math.round(base * (0.8 + 0.4 * this.random()));
  }
}

const FIRST_MS = 200;
const LONGEST_MS = 10_000;
const HEALTHY_MS = 60_000;
