import type { ErrorCode } from "../errors.ts";
import type { ReplyMetadata } from "../protocol/metadata.ts";
import { Times } from "../stats/times.ts";

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

/** What runs of a method have used of language models themselves. What they have asked others for counts there. */
export interface ModelUsage {
  inputTokens: number;
  outputTokens: number;
  /** US dollars, as far as prices are known. */
  cost: number;
}

/** Counts and times of one method on one replica. Every request is counted once, by how it ended. */
export class MethodStats extends ErrorCounts {
  /** From start to end, of the requests whose handler was called: what was refused, or expired while it waited, took none. */
  readonly running: Times = new Times();
  /** For a slot, of all requests that have ended. */
  readonly waiting: Times = new Times();
  /** Requests that have ended with the next best answer. */
  degraded = 0;
  readonly usage: ModelUsage = { inputTokens: 0, outputTokens: 0, cost: 0 };

  /** Requests that have ended. */
  get ended(): number {
    return this.waiting.count;
  }

  /** Those of them whose handler was called. */
  get started(): number {
    return this.running.count;
  }

  get runningMs(): number {
    return this.running.sumMs;
  }

  get waitingMs(): number {
    return this.waiting.sumMs;
  }

  /** Mean milliseconds from start to end; 0 before the first. */
  get averageMs(): number {
    return this.running.meanMs ?? 0;
  }

  /** @param ranMs undefined when the handler was never called */
  end(waitedMs: number, ranMs: number | undefined): void {
    this.waiting.record(waitedMs);
    if (ranMs !== undefined) this.ran(ranMs);
  }

  /** A handler was called that several requests waited for: they are counted each. */
  ran(ranMs: number): void {
    this.running.record(ranMs);
  }

  /** A handler has returned. @param metadata where model agents say what they have used */
  returned({ usage, servedBy }: ReplyMetadata): void {
    // Whoever did the work has counted it.
    if (servedBy) return;
    if (typeof usage !== "object" || usage === null) return;
    const told = usage as Partial<Record<keyof ModelUsage, unknown>>;
    this.usage.inputTokens += amountOf(told.inputTokens);
    this.usage.outputTokens += amountOf(told.outputTokens);
    this.usage.cost += amountOf(told.cost);
  }
}

/** What an agent says of itself may be anything. */
function amountOf(told: unknown): number {
  return typeof told === "number" && told > 0 && Number.isFinite(told) ? told : 0;
}
