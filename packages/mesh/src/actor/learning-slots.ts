import type { MeshError } from "../errors.ts";
import type { Concurrency } from "../limit/concurrency.ts";
import { Limiter } from "../limit/limiter.ts";
import { signOf } from "../limit/overload.ts";

/** A job whose handler has returned. */
interface Done {
  readonly startedAt: number;
  readonly endedBy: MeshError | undefined;
  /** It has asked its caller something. */
  readonly hasAsked: boolean;
}

/**
 * An actor's slots, as many as a policy finds. A handler counts from its start until it has returned.
 *
 * AK9: one that has asked its caller something counts as nothing: how long a person thinks tells nothing of the load.
 */
export class LearningSlots {
  private readonly limiter: Limiter;

  constructor(limiter: Limiter) {
    this.limiter = limiter;
  }

  get slots(): number {
    return this.limiter.slots;
  }

  /**
   * Takes note of a job.
   * @param running jobs that ran then, this one included
   * @returns the slots that there are now
   */
  after({ startedAt, endedBy, hasAsked }: Done, now: number, running: number): number {
    // AK9
    if (hasAsked) return this.slots;
    return this.limiter.record(startedAt, now, running, endedBy ? signOf(endedBy) : "ok");
  }
}

/** Undefined for a fixed number of slots, so that nothing is asked of it for each request. */
export function learningSlots(concurrency: Concurrency | undefined): LearningSlots | undefined {
  return typeof concurrency === "object" ? new LearningSlots(new Limiter(concurrency)) : undefined;
}
