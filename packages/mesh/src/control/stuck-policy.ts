import { type Duration, toMs } from "../duration.ts";
import { MeshError } from "../errors.ts";

/** When a request that runs counts as stuck. */
export interface StuckOptions {
  /** It has run so many times longer than 99 % of those of its method. Default 10; above 1. */
  factor?: number;
  /** And for at least so long. Default 1 s. */
  atLeast?: Duration;
  /** Of so many runs at least it is known how long they take: before, nothing is stuck. Default 100. */
  runs?: number;
}

export interface StuckPolicy {
  readonly factor: number;
  readonly atLeastMs: number;
  readonly runs: number;
}

/** @throws MeshError `bad_request` for what makes no sense */
export function stuckPolicyOf({ factor = 10, atLeast = "1s", runs = 100 }: StuckOptions = {}): StuckPolicy {
  if (!(factor > 1)) throw new MeshError("bad_request", `stuck: factor is ${factor}; it must be above 1.`);
  if (!Number.isInteger(runs) || runs < 1)
    throw new MeshError("bad_request", `stuck: runs is ${runs}; it must be a whole number above 0.`);
  return { factor, atLeastMs: toMs(atLeast, "stuck: atLeast"), runs };
}

/**
 * How long a run may take before it is stuck; infinite while too few are known.
 * @param p99Ms what 99 % of the runs took at most; null before the first
 */
export function stuckAfterMs(
  { factor, atLeastMs, runs }: StuckPolicy,
  count: number,
  p99Ms: number | null,
): number {
  return count < runs || p99Ms === null ? Infinity : Math.max(atLeastMs, factor * p99Ms);
}
