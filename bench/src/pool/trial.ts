import type { Summary } from "./summary.ts";

/** One trial of a contender. */
export interface Trial extends Summary {
  /** Processor time of caller, pool and servers, microseconds per job. */
  readonly cpuUs: number;
  /** Share of the machine that went to anything else meanwhile, 0 to 1. */
  readonly othersShare: number;
}
