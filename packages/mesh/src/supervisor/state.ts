import type { Clock } from "../clock.ts";
import { MeshError } from "../errors.ts";
import { Breaker, type BreakerState } from "../policy/breaker.ts";
import { Target } from "../policy/target.ts";
import { TokenBucket } from "../token-bucket.ts";
import { Announcer } from "./announcer.ts";
import type { SupervisorPolicy } from "./options.ts";
import { StaleCache } from "./stale-cache.ts";
import type { Emit } from "../contract/context.ts";

/** What one replica of a supervisor knows: how its targets do, and what they answered. */
export class SupervisorState {
  readonly targets: readonly Target[];
  readonly cache: StaleCache | undefined;
  requests = 0;
  degraded = 0;
  /** Times that the next target was asked after one, or in its place. */
  fallbacks = 0;
  failed = 0;
  private readonly policy: SupervisorPolicy;
  private readonly clock: Clock;
  private readonly limit: TokenBucket | undefined;
  private announcer: Announcer | undefined;

  constructor(policy: SupervisorPolicy, clock: Clock) {
    this.policy = policy;
    this.clock = clock;
    const { execution, breaker, rateLimit, ladder } = policy;
    this.targets = policy.targets.map((options) => {
      const tell = (state: BreakerState): void => this.tell("breaker", { target: options.agent, state });
      return new Target(clock, options, execution.retry.budget, breaker && new Breaker(clock, breaker, tell));
    });
    this.limit =
      rateLimit && new TokenBucket(clock, rateLimit.requests, rateLimit.requests / rateLimit.perMs);
    const staleForMs = ladder.find((rung) => rung.staleForMs !== undefined)?.staleForMs;
    this.cache = staleForMs === undefined ? undefined : new StaleCache(clock, staleForMs);
  }

  /** Events go out from now on. */
  announceBy(emit: Emit): void {
    this.announcer = new Announcer(this.clock, emit);
  }

  /** A request has failed, unless its caller did not want it any more. */
  count({ code }: MeshError): void {
    if (code !== "cancelled") this.failed++;
  }

  tell(kind: string, fields: Readonly<Record<string, unknown>>): void {
    this.announcer?.tell(kind, fields);
  }

  /** @throws MeshError `overloaded` over the rate limit */
  admit(name: string): void {
    this.requests++;
    if (!this.limit || this.limit.take()) return;
    const { requests = 0, perMs = 0 } = this.policy.rateLimit ?? {};
    const retryAfterS = Math.ceil(this.limit.waitMs) / 1_000;
    throw new MeshError(
      "overloaded",
      `"${name}" takes ${requests} requests in ${perMs / 1_000} s: try again in ${retryAfterS} s.`,
      { retryAfterS },
    );
  }

  /** As people see it. */
  get status(): Record<string, unknown> {
    const { requests, degraded, failed, fallbacks, cache, limit, policy } = this;
    const { execution, breaker, ladder } = policy;
    return {
      supervisor: true,
      targets: this.targets.map((target) => target.status),
      policy: {
        timeoutMs: execution.timeoutMs,
        retry: execution.retry,
        hedge: execution.hedge,
        breaker,
        bulkhead: { running: policy.running, queued: policy.queued },
        rateLimit: policy.rateLimit,
        degrade: ladder.map(
          ({ agent, staleForMs }) => agent ?? (staleForMs === undefined ? "answer" : "cache"),
        ),
      },
      requests,
      degraded,
      failed,
      fallbacks,
      cached: cache?.size,
      admissible: limit?.available,
    };
  }
}
