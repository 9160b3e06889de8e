import type { ErrorCode } from "../errors.ts";

/** Counts and times of one method on one replica. Every request is counted once, by how it ended. */
export class MethodStats {
  /** Requests that have ended. */
  ended = 0;
  readonly errors: Map<ErrorCode, number> = new Map();
  lastError = "";
  /** Milliseconds between start and end of the requests that ran. */
  runningMs = 0;
  /** Milliseconds that requests waited for a slot. */
  waitingMs = 0;

  get failed(): number {
    let sum = 0;
    for (const count of this.errors.values()) sum += count;
    return sum;
  }

  succeeded(waitedMs: number, ranMs: number): void {
    this.ended++;
    this.waitingMs += waitedMs;
    this.runningMs += ranMs;
  }

  failedWith(code: ErrorCode, message: string, waitedMs: number, ranMs: number): void {
    this.succeeded(waitedMs, ranMs);
    this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
    this.lastError = `${code}: ${message}`;
  }
}
