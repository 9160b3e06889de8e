import type { Clock } from "../clock.ts";
import { TokenBucket } from "./token-bucket.ts";

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

  /** False when there have been too many. */
  take(): boolean {
    return this.bucket.take();
  }
}
