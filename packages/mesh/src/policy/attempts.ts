import type { Clock } from "../clock.ts";
import { ERROR_CODES, type ErrorCode, MeshError } from "../errors.ts";

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
    const mayHaveRun = (each: MeshError): boolean => ERROR_CODES[each.code].mayHaveRun;
    if (!this.last || mayHaveRun(error) || !mayHaveRun(this.last)) this.last = error;
  }

  passOver(target: string, why: string): void {
    this.passedOver.push(`${target}: ${why}`);
  }

  /**
   * The error that tells of all of them.
   * @param what `agent.method`
   * @param retryAfterMs when a target that was passed over may be asked again
   */
  failure(what: string, { retryAfterMs, why }: { retryAfterMs?: number; why?: string } = {}): MeshError {
    const { failed, last } = this;
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
      last?.code ?? "unavailable",
      `${what} failed${failed.length > 1 ? ` ${failed.length} times` : ""}${why ?? ""}: ${reasons}`,
      {
        retryable: last?.retryable ?? true,
        retryAfterS,
        details: { attempts: failed },
        cause: last,
      },
    );
  }
}

/** How many attempts lie behind an error, those of supervisors further down included. */
export function attemptsBehind(error: MeshError): number {
  return attemptsIn(error)?.length ?? 1;
}

/** Undefined when it is that of one attempt. */
function attemptsIn({ details }: MeshError): FailedAttempt[] | undefined {
  if (typeof details !== "object" || details === null || !("attempts" in details)) return undefined;
  const { attempts } = details;
  if (!Array.isArray(attempts) || attempts.length === 0) return undefined;
  return attempts.every((each) => typeof each === "object" && each !== null && "code" in each)
    ? attempts
    : undefined;
}
