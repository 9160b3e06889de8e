import type { Clock } from "../clock.ts";
import { type ErrorCode, MeshError, isErrorCode } from "../errors.ts";
import { isCycle } from "./final.ts";

/** One attempt that failed, as it stands in the error of the whole. */
export interface FailedAttempt {
  /** The agent that was asked. */
  readonly target: string;
  /** Undefined when nobody is known to have held it. */
  readonly replica: string | undefined;
  readonly code: ErrorCode;
  readonly message: string;
  readonly tookMs: number;
}

export interface Telling {
  /** When a target that was passed over may be asked again. */
  readonly retryAfterMs?: number | undefined;
  /** Why no more was tried. */
  readonly why?: string;
  /** What the whole is, where the attempts do not say it. */
  readonly as?: MeshError;
}

const SHORT = 160;

/** What was tried for one request, and how each attempt ended. */
export class Attempts {
  readonly failed: FailedAttempt[] = [];
  /** The failure that decides what the whole is: the last one, or the last that may have done its work. */
  private last: MeshError | undefined;
  /** Targets that were not asked at all, and why. */
  private readonly passedOver: string[] = [];
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  add(target: string, error: MeshError, startedAt: number): void {
    const { replica, code, message } = error;
    const tookMs = Math.round(this.clock.now() - startedAt);
    const further = attemptsIn(error);
    // What a supervisor further down has tried is told in its place.
    if (further) this.failed.push(...further);
    else this.failed.push({ target, replica, code, message, tookMs });
    // What may have run stays so, whatever else fails after it.
    if (!this.last || error.mayHaveRun || !this.last.mayHaveRun) this.last = error;
  }

  /** Of any of them. */
  private get mayHaveRun(): boolean {
    return this.last?.mayHaveRun ?? false;
  }

  passOver(target: string, why: string): void {
    this.passedOver.push(`${target}: ${why}`);
  }

  /**
   * The error that tells of all of them.
   * @param what `agent.method`
   */
  failure(what: string, { retryAfterMs, why, as }: Telling = {}): MeshError {
    const { failed } = this;
    const last = as ?? this.last;
    const told = failed.map(({ target, replica, code, message, tookMs }) => {
      const where = replica === undefined ? target : `${target} (${replica})`;
      return `${where}: ${code} after ${tookMs} ms, ${message.slice(0, SHORT)}`;
    });
    const reasons = [...told, ...this.passedOver].join(" · ");
    const retryAfterS = last
      ? last.retryAfterS
      : retryAfterMs === undefined
        ? undefined
        : retryAfterMs / 1_000;
    return new MeshError(
      // A circle of supervisors is no conflict of the request's: whoever asks one of them may still ask others.
      !last || isCycle(last) ? "unavailable" : last.code,
      `${what} failed${failed.length > 1 ? ` ${failed.length} times` : ""}${why ?? ""}: ${reasons}`,
      {
        retryable: last?.retryable ?? true,
        retryAfterS,
        hasBegun: failed.length > 0 ? this.mayHaveRun : false,
        details: { ...objectOf(last?.details), attempts: failed },
        cause: last,
      },
    );
  }
}

/** How many attempts lie behind an error, those of supervisors further down included. */
export function attemptsBehind(error: MeshError): number {
  return attemptsIn(error)?.length ?? 1;
}

/** What an agent says of its failure goes on with the attempts: a pipeline's partial results, for instance. */
function objectOf(details: unknown): object {
  return typeof details === "object" && details !== null && !Array.isArray(details) ? details : {};
}

/** What was tried before an error; undefined when it is that of one attempt. */
export function attemptsIn({ details }: MeshError): FailedAttempt[] | undefined {
  if (typeof details !== "object" || details === null || !("attempts" in details)) return undefined;
  const { attempts } = details;
  if (!Array.isArray(attempts) || attempts.length === 0) return undefined;
  return attempts.every(isAttempt) ? attempts : undefined;
}

/** Details are whatever an agent has put there. */
function isAttempt(each: unknown): each is FailedAttempt {
  if (typeof each !== "object" || each === null) return false;
  const { target, replica, code, message, tookMs }: Partial<Record<keyof FailedAttempt, unknown>> = each;
  const isKnown = typeof target === "string" && isErrorCode(code) && typeof message === "string";
  return isKnown && typeof tookMs === "number" && (replica === undefined || typeof replica === "string");
}
