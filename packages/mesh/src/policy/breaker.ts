import { type CircuitBreakerPolicy, CircuitState, circuitBreaker, handleWhen } from "cockatiel";
import type { Clock } from "../clock.ts";
import { type ErrorCode, MeshError } from "../errors.ts";
import type { BreakerPolicy } from "./options.ts";
import { Sampling } from "./sampling.ts";

export type BreakerState = "closed" | "open" | "half-open";

/** What tells that a target is not well. The rest is its callers' doing, or nobody's. */
const SYMPTOMS: ReadonlySet<ErrorCode> = new Set([
  "timeout",
  "deadline_exceeded",
  "unavailable",
  "overloaded",
  "replica_lost",
  "internal",
]);

/**
 * Leaves a target alone that fails. It sees each attempt with its timeout, so that timeouts count, and lets one attempt
 * through after a while: when that goes well the target is used again.
 */
export class Breaker {
  private readonly policy: CircuitBreakerPolicy;
  private readonly sampling: Sampling;
  private readonly halfOpenAfterMs: number;
  /** By the wall clock, which the policy reads too. */
  private openedAt = 0;

  constructor(clock: Clock, options: BreakerPolicy, onChange: (state: BreakerState) => void) {
    this.halfOpenAfterMs = options.halfOpenAfterMs;
    this.sampling = new Sampling(clock, options);
    this.policy = circuitBreaker(
      handleWhen((error) => error instanceof MeshError && SYMPTOMS.has(error.code)),
      { halfOpenAfter: options.halfOpenAfterMs, breaker: this.sampling },
    );
    this.policy.onStateChange(() => {
      if (this.state === "open") this.openedAt = Date.now();
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
    return Math.max(0, this.openedAt + this.halfOpenAfterMs - Date.now());
  }

  /** Runs an attempt; ask `waitMs` first. */
  run<T>(attempt: () => Promise<T>): Promise<T> {
    return this.policy.execute(attempt);
  }
}
