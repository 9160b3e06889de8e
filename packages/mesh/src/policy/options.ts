import { type Duration, toMs } from "../duration.ts";
import { MeshError } from "../errors.ts";

/** How requests are kept alive: what people write, and what it means once it is checked. */

export type Jitter = "decorrelated" | "full" | "none";

export interface RetryOptions {
  /** Attempts at one target, the first one included. Default 3; 1 is no retry. */
  attempts?: number | undefined;
  /** About the first wait. Default 100 ms. */
  backoff?: Duration | undefined;
  /** By how much each wait is longer than the one before: 1 at least, with decorrelated jitter 1.5. Default 2. */
  factor?: number | undefined;
  /** The longest wait. Default 30 s. */
  maxBackoff?: Duration | undefined;
  /** Default `decorrelated`. */
  jitter?: Jitter | undefined;
  /**
   * Retries and hedges in proportion to requests, and 10 a second beside: an outage is not multiplied. `"20%"`, or a
   * share such as 0.2. Default 20 %.
   */
  budget?: `${number}%` | number | undefined;
}

export interface BreakerOptions {
  /** Share of attempts that fail before the target is left alone: over 0 and under 1. Default 0.5. */
  errorRate?: number | undefined;
  /** Attempts in the window before that share means something. Default 20. */
  minimum?: number | undefined;
  /** Default 60 s. */
  window?: Duration | undefined;
  /** After that one attempt tries whether the target is well again. Default 10 s. */
  halfOpenAfter?: Duration | undefined;
}

export interface HedgeOptions {
  /** When a second attempt joins the first: 30 ms at least; `p95` is measured (2 s until then). Default `p95`. */
  after?: Duration | "p95" | undefined;
  /** Extra attempts. Default 1. */
  max?: number | undefined;
}

export interface Retry {
  readonly attempts: number;
  readonly backoffMs: number;
  readonly factor: number;
  readonly maxBackoffMs: number;
  readonly jitter: Jitter;
  /** Retries for each request. */
  readonly budget: number;
}

export interface BreakerPolicy {
  readonly errorRate: number;
  readonly minimum: number;
  readonly windowMs: number;
  readonly halfOpenAfterMs: number;
}

export interface Hedge {
  /** Undefined: the measured p95. */
  readonly afterMs: number | undefined;
  readonly max: number;
}

/** What is done for one request, at each of its targets. */
export interface ExecutionPolicy {
  readonly retry: Retry;
  readonly hedge: Hedge | undefined;
  /** Of an attempt. Default: what is left of its target's share of the time. */
  readonly timeoutMs: number | undefined;
}

/** Below, its waits become shorter, down to none. */
const LEAST_DECORRELATED = 1.5;
const JITTERS: readonly string[] = ["decorrelated", "full", "none"];

/** A number alone is `attempts`. @throws MeshError `bad_request` naming what is wrong */
export function retryOf(given: RetryOptions | number | false | undefined, who: string): Retry {
  const options =
    typeof given === "number" ? { attempts: given } : given === false ? { attempts: 1 } : (given ?? {});
  const { attempts = 3, backoff = 100, factor = 2, maxBackoff = "30s", jitter = "decorrelated" } = options;
  const at = `${who}: retry`;
  whole(`${at}.attempts`, attempts, 1);
  if (!JITTERS.includes(jitter)) throw wrong(`${at}.jitter`, jitter, `one of ${JITTERS.join(", ")}`);
  const least = jitter === "decorrelated" ? LEAST_DECORRELATED : 1;
  if (!(factor >= least && Number.isFinite(factor)))
    throw wrong(`${at}.factor`, factor, `a number from ${least} (jitter: ${jitter})`);
  return {
    attempts,
    factor,
    jitter,
    backoffMs: toMs(backoff, `${at}.backoff`),
    maxBackoffMs: toMs(maxBackoff, `${at}.maxBackoff`),
    budget: shareOf(options.budget ?? 0.2, `${at}.budget`),
  };
}

/** @throws MeshError `bad_request` */
export function breakerOf(options: BreakerOptions, who: string): BreakerPolicy {
  const { errorRate = 0.5, minimum = 20, window = "60s", halfOpenAfter = "10s" } = options;
  const at = `${who}: breaker`;
  if (!(errorRate > 0 && errorRate < 1))
    throw wrong(`${at}.errorRate`, errorRate, "a share over 0 and under 1, such as 0.5");
  whole(`${at}.minimum`, minimum, 1);
  return {
    errorRate,
    minimum,
    windowMs: positiveMs(window, `${at}.window`),
    halfOpenAfterMs: positiveMs(halfOpenAfter, `${at}.halfOpenAfter`),
  };
}

/** Undefined for none. @throws MeshError `bad_request` */
export function hedgeOf(given: HedgeOptions | boolean | undefined, who: string): Hedge | undefined {
  if (given === undefined || given === false) return undefined;
  const { after = "p95", max = 1 } = given === true ? {} : given;
  whole(`${who}: hedge.max`, max, 1);
  return { max, afterMs: after === "p95" ? undefined : toMs(after, `${who}: hedge.after`) };
}

/** A duration that is not 0. @throws MeshError `bad_request` */
export function positiveMs(duration: Duration, what: string): number {
  const ms = toMs(duration, what);
  if (ms > 0) return ms;
  throw wrong(what, duration, "longer than 0");
}

/** @throws MeshError `bad_request` */
export function whole(what: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least) return value;
  throw wrong(what, value, `a whole number from ${least}`);
}

export function wrong(what: string, value: unknown, wanted: string): MeshError {
  return new MeshError("bad_request", `${what} is ${JSON.stringify(value)}; it must be ${wanted}.`);
}

function shareOf(given: string | number, what: string): number {
  const percent = typeof given === "string" ? /^(\d+(?:\.\d+)?)\s*%$/.exec(given.trim()) : null;
  const share = percent ? Number(percent[1]) / 100 : Number(given);
  if (share >= 0 && share <= 10 && (percent || typeof given === "number")) return share;
  throw wrong(what, given, 'a share such as "20%" or 0.2');
}
