import type { Clock } from "./clock.ts";

/** Tokens that come at a steady rate, or are added, and are taken one by one. */
export class TokenBucket {
  private readonly clock: Clock;
  private readonly capacity: number;
  private readonly perMs: number;
  private tokens: number;
  private at: number;

  /** Full at the start. @param perMs tokens that come in each millisecond */
  constructor(clock: Clock, capacity: number, perMs: number) {
    this.clock = clock;
    this.capacity = capacity;
    this.perMs = perMs;
    this.tokens = capacity;
    this.at = clock.now();
  }

  /** Whole tokens that are there now. */
  get available(): number {
    this.refill();
    return Math.floor(this.tokens);
  }

  /** Milliseconds until there is one; 0 when there is. */
  get waitMs(): number {
    this.refill();
    return this.tokens >= 1 ? 0 : (1 - this.tokens) / this.perMs;
  }

  /** False when there is none. */
  take(): boolean {
    this.refill();
    if (this.tokens < 1) return false;
    this.tokens--;
    return true;
  }

  add(tokens: number): void {
    this.refill();
    this.tokens = Math.min(this.capacity, this.tokens + tokens);
  }

  private refill(): void {
    const now = this.clock.now();
    this.tokens = Math.min(this.capacity, this.tokens + (now - this.at) * this.perMs);
    this.at = now;
  }
}
