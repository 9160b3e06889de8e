import { toMs } from "../duration.ts";
import { Aimd } from "./aimd.ts";
import { type Concurrency, type ConcurrencyPolicy, boundsOf } from "./concurrency.ts";
import { Gradient } from "./gradient.ts";
import { type Limit, bounded } from "./limit.ts";
import type { Sign } from "./overload.ts";
import { Simple } from "./simple.ts";

/**
 * How many may run at once, for an actor's slots and for a batch alike. It runs nothing and waits for nothing: whoever
 * asks starts what the limit has room for, after each call that ends.
 *
 * Q1: the limit is a whole number within its bounds, whatever is recorded.
 * Q2: failures that may tell of overload count against it, deliberate ones and cancelled calls count as nothing.
 * Q3: a burst of failures is one: what was begun before a cut says nothing of the limit after it.
 * Q4: a limit that is not used does not grow.
 */

/** Where every policy begins, if its bounds allow. */
const START = 2;

export class Limiter {
  /** Calls that may run at once now. */
  slots: number;
  private readonly limit: Limit | undefined;

  /** @param concurrency checked by `checkConcurrency` */
  constructor(concurrency: Concurrency) {
    this.limit = typeof concurrency === "number" ? undefined : limitOf(concurrency);
    this.slots = typeof concurrency === "number" ? concurrency : wholeOf(this.limit as Limit);
  }

  /**
   * Takes note of a call that has ended.
   * @param inFlight calls that ran then, this one included
   * @returns the slots that there are now
   */
  record(startedAt: number, endedAt: number, inFlight: number, sign: Sign): number {
    const { limit } = this;
    // Q2
    if (!limit || sign === "none") return this.slots;
    limit.record({ startedAt, endedAt, inFlight, isDrop: sign === "drop" });
    this.slots = wholeOf(limit);
    return this.slots;
  }
}

/** Q1: bounds are whole, so that what is within them is still so when it is rounded. */
function wholeOf({ value }: Limit): number {
  return Math.round(value);
}

function limitOf(policy: ConcurrencyPolicy): Limit {
  const bounds = boundsOf(policy);
  const targetMs = policy.target === undefined ? undefined : toMs(policy.target);
  const start = bounded(bounds, START);
  switch (policy.policy) {
    case "simple":
      return new Simple(bounds, start, targetMs);
    case "aimd":
      return new Aimd(bounds, start, targetMs);
    case "gradient":
      return new Gradient(bounds, start, targetMs);
  }
}
