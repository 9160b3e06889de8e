import {
  type CircuitBreakerPolicy,
  CircuitState,
  ConstantBackoff,
  circuitBreaker,
  handleType,
} from "cockatiel";
import type { Clock } from "../clock.ts";
import { type ErrorCode, MeshError } from "../errors.ts";
import type { BreakerPolicy } from "./options.ts";
import { Sampling } from "./sampling.ts";

export type BreakerState = "closed" | "open" | "half-open";

/** What tells that a target is not well. The rest is its callers' doing, or nobody's. */
const SYMPTOMS: ReadonlySet<ErrorCode> = new Set(["unavailable", "overloaded", "replica_lost", "internal"]);
/** The same when the target had enough time. */
const LATE: ReadonlySet<ErrorCode> = new Set(["timeout", "deadline_exceeded"]);

/** A failure that counts. */
class Symptom extends Error {
  readonly error: MeshError;

  constructor(error: MeshError) {
    super(error.message);
    this.error = error;
  }
}

/**
 * Leaves a target alone that fails. It sees each attempt with its timeout, so that timeouts count, and lets one attempt
 * through after a while: when that goes well the target is used again.
 */
export class Breaker {
  private readonly clock: Clock;
  private readonly policy: CircuitBreakerPolicy;
  private readonly sampling: Sampling;
  private readonly halfOpenAfterMs: number;
  private openedAt = 0;

  constructor(clock: Clock, options: BreakerPolicy, onChange: (state: BreakerState) => void) {
    this.clock = clock;
    this.halfOpenAfterMs = options.halfOpenAfterMs;
    this.sampling = new Sampling(clock, options);
    this.policy = circuitBreaker(handleType(Symptom), {
      // It would go by the wall clock, which may be set back: when to try again is said by `waitMs`.
      halfOpenAfter: new ConstantBackoff(-Infinity),
      breaker: this.sampling,
    });
    this.policy.onStateChange(() => {
      if (this.state === "open") this.openedAt = clock.now();
      onChange(this.state);
    });
  }

  get state(): BreakerState {
    if (this.policy.state === CircuitState.Closed) return "closed";
    return this.policy.state === CircuitState.HalfOpen ? "half-open" : "open";
  }

  /** Attempts and failures in the window. */
  get counts(): { attempts: number; failures: number } {
    return this.sampling.counts;
  }

  /** Milliseconds until it lets an attempt through; 0 when it does. While one tries, others wait for its outcome. */
  get waitMs(): number {
    if (this.state === "closed") return 0;
    if (this.state === "half-open") return this.halfOpenAfterMs;
    return Math.max(0, this.openedAt + this.halfOpenAfterMs - this.clock.now());
  }

  /**
   * Runs an attempt; ask `waitMs` just before.
   * @param isFair it has the time that the target may take: else it says nothing of the target when that is up
   */
  async run<T>(attempt: () => Promise<T>, isFair: boolean): Promise<T> {
    try {
      return await this.policy.execute(async () => {
        try {
          return await attempt();
        } catch (thrown) {
          throw thrown instanceof MeshError && this.isSymptom(thrown, isFair) ? new Symptom(thrown) : thrown;
        }
      });
    } catch (thrown) {
      throw thrown instanceof Symptom ? thrown.error : thrown;
    }
  }

  /** What has begun well, and was counted so, has broken off. */
  async brokeOff(error: MeshError): Promise<void> {
    if (this.state !== "closed") return;
    this.sampling.takeBack();
    await this.run(() => Promise.reject(error), false).catch(() => {});
  }

  private isSymptom({ code }: MeshError, isFair: boolean): boolean {
    // A trial that says nothing must not pass for one that went well.
    if (this.state === "half-open") return SYMPTOMS.has(code) || LATE.has(code) || code === "cancelled";
    return SYMPTOMS.has(code) || (isFair && LATE.has(code));
  }
}
