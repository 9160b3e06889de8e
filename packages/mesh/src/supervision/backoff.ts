export interface BackoffOptions {
  /** Milliseconds before the first restart. Default 200. */
  firstMs?: number | undefined;
  /** Default 10 s. */
  longestMs?: number | undefined;
  /** From 0 to 1; tests bring their own. */
  random?: (() => number) | undefined;
}

/** Waits between restarts: doubling, with ±20 % of jitter, starting anew after a minute of health. */
export class Backoff {
  private readonly firstMs: number;
  private readonly longestMs: number;
  private readonly random: () => number;
  private failures = 0;

  constructor({ firstMs = 200, longestMs = 10_000, random = Math.random }: BackoffOptions = {}) {
    this.firstMs = firstMs;
    this.longestMs = longestMs;
    this.random = random;
  }

  /**
   * Milliseconds to wait before the next start.
   * @param aliveMs how long the last one lived; over a minute counts as healthy
   */
  next(aliveMs: number): number {
    if (aliveMs > HEALTHY_MS) this.failures = 0;
    const base = Math.min(this.longestMs, this.firstMs * 2 ** this.failures);
    this.failures++;
    return Math.round(base * (0.8 + 0.4 * this.random()));
  }
}

const HEALTHY_MS = 60_000;
