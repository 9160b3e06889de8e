import { MeshError } from "../errors.ts";

/** How many requests may come. */
export interface RateLimit {
  /** Requests in a second, in the long run; more than 0, and 0.5 is one in two seconds. */
  readonly perSecond: number;
  /** Requests that may come at once after a quiet time. Default: those of a second, and 1 at least. */
  readonly burst?: number | undefined;
}

/** Requests that may come at once. */
export function burstOf({ perSecond, burst }: RateLimit): number {
  return burst ?? Math.max(1, Math.ceil(perSecond));
}

/** @throws MeshError `bad_request` naming the agent and what is wrong */
export function checkRateLimit(agent: string, field: string, limit: RateLimit | undefined): void {
  if (limit === undefined) return;
  const { perSecond, burst = 1 } = limit;
  const wrong = (name: string, value: unknown, wanted: string): MeshError =>
    new MeshError(
      "bad_request",
      `agent "${agent}": ${field}.${name} is ${String(value)}; it must be ${wanted}.`,
    );
  if (!(Number.isFinite(perSecond) && perSecond > 0))
    throw wrong("perSecond", perSecond, "a number over 0, of requests");
  if (!(Number.isInteger(burst) && burst >= 1)) throw wrong("burst", burst, "a whole number from 1");
}
