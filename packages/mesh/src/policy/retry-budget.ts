import type { Clock } from "../clock.ts";
import { TokenBucket } from "../token-bucket.ts";

/** Retries a second that are free: with few requests a share of them would be none. */
const FREE_PER_S = 10;
const WINDOW_S = 10;

/**
 * How many retries there may be: a share of the requests, and 10 a second. When everything fails, each request costs
 * little more than one attempt instead of three (Finagle's retry budget).
 */
export class RetryBudget {
  private readonly bucket: TokenBucket;
  private readonly share: number;
  /** Retries that it has not allowed. */
  refused = 0;
  private isDry = false;

  constructor(clock: Clock, share: number) {
    this.share = share;
    this.bucket = new TokenBucket(clock, FREE_PER_S * WINDOW_S, FREE_PER_S / 1_000);
  }

  /** Retries that there may be at once now. */
  get available(): number {
    return this.bucket.available;
  }

  /** A request has come. */
  deposit(): void {
    this.bucket.add(this.share);
  }

  /**
   * False when there have been too many.
   * @param onDry told the first time, and again when it had recovered meanwhile: to what is free in a second
   */
  take(onDry: () => void): boolean {
    if (this.bucket.available >= FREE_PER_S) this.isDry = false;
    if (this.bucket.take()) return true;
    this.refused++;
    if (!this.isDry) onDry();
    this.isDry = true;
    return false;
  }
}
