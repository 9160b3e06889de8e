import type { ErrorCode } from "../errors.ts";

/** How often each error was given, and which was the last. */
export class ErrorCounts {
  readonly errors: Partial<Record<ErrorCode, number>> = {};
  /** `code: message`; empty when there was none. */
  lastError = "";

  get failed(): number {
    let sum = 0;
    for (const count of Object.values(this.errors)) sum += count;
    return sum;
  }

  count({ code, message }: { code: ErrorCode; message: string }): void {
    this.errors[code] = (this.errors[code] ?? 0) + 1;
    this.lastError = `${code}: ${message}`;
  }
}

/** Counts and times of one method on one replica. Every request is counted once, by how it ended. */
export class MethodStats extends ErrorCounts {
  /** Requests that have ended. */
  ended = 0;
  /** Those of them whose handler was called: what was refused, or expired while it waited, took no time to run. */
  started = 0;
  /** Milliseconds between start and end of the requests that were started. */
  runningMs = 0;
  /** Milliseconds that requests waited for a slot. */
  waitingMs = 0;

  /** Mean milliseconds from start to end; 0 before the first. */
  get averageMs(): number {
    return this.started > 0 ? this.runningMs / this.started : 0;
  }

  /** @param ranMs undefined when the handler was never called */
  end(waitedMs: number, ranMs: number | undefined): void {
    this.ended++;
    this.waitingMs += waitedMs;
    if (ranMs !== undefined) this.ran(ranMs);
  }

  /** A handler was called that several requests waited for: they are counted each. */
  ran(ranMs: number): void {
    this.started++;
    this.runningMs += ranMs;
  }
}
