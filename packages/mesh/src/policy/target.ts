import type { Clock } from "../clock.ts";
import type { ErrorCode, MeshError } from "../errors.ts";
import type { Breaker } from "./breaker.ts";
import { Latency } from "./latency.ts";
import { RetryBudget } from "./retry-budget.ts";

export interface TargetOptions {
  readonly agent: string;
  /** Default: the one that is asked for. */
  readonly method?: string | undefined;
  /** Of an attempt. Default: the supervisor's. */
  readonly timeoutMs?: number | undefined;
  /** Share of the requests that go to it first. Default: targets are asked in order. */
  readonly weight?: number | undefined;
}

/** An agent that is asked, and what is known of it: shared by all requests. */
export class Target {
  readonly agent: string;
  readonly method: string | undefined;
  readonly timeoutMs: number | undefined;
  readonly weight: number | undefined;
  readonly latency: Latency = new Latency();
  readonly budget: RetryBudget;
  readonly breaker: Breaker | undefined;
  attempts = 0;
  failures = 0;
  retries = 0;
  hedges = 0;
  private lastCode: ErrorCode | undefined;

  /** @param budget retries for each request */
  constructor(
    clock: Clock,
    { agent, method, timeoutMs, weight }: TargetOptions,
    budget: number,
    breaker?: Breaker,
  ) {
    this.agent = agent;
    this.method = method;
    this.timeoutMs = timeoutMs;
    this.weight = weight;
    this.budget = new RetryBudget(clock, budget);
    this.breaker = breaker;
  }

  /** Runs an attempt and counts it. */
  async run<T>(attempt: () => Promise<T>): Promise<T> {
    this.attempts++;
    return this.breaker ? this.breaker.run(attempt) : attempt();
  }

  failed({ code }: MeshError): void {
    this.failures++;
    this.lastCode = code;
  }

  /** As people see it. */
  get status(): Record<string, unknown> {
    const { agent, weight, timeoutMs, attempts, failures, retries, hedges, breaker, lastCode } = this;
    return {
      agent,
      weight,
      timeoutMs,
      breaker: breaker?.state,
      attempts,
      failures,
      retries,
      hedges,
      p95Ms: this.latency.p95Ms,
      budget: this.budget.available,
      lastError: lastCode,
    };
  }
}

/** The order in which targets are asked: as listed, but for those with a weight, of which one by lot comes first. */
export function inOrder(targets: readonly Target[], random: () => number = Math.random): readonly Target[] {
  const total = targets.reduce((sum, { weight = 0 }) => sum + weight, 0);
  if (total === 0) return targets;
  let lot = random() * total;
  const first = targets.find(({ weight = 0 }) => (lot -= weight) < 0);
  return first ? [first, ...targets.filter((each) => each !== first)] : targets;
}
