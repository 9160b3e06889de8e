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
  readonly budget: RetryBudget;
  attempts = 0;
  failures = 0;
  retries = 0;
  hedges = 0;
  private readonly breaker: Breaker | undefined;
  /** By method: one may take seconds where another takes none. */
  private readonly latencies = new Map<string | undefined, Latency>();
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

  /** Milliseconds for which its breaker leaves it alone; 0 when it may be asked. */
  get restsMs(): number {
    return this.breaker?.waitMs ?? 0;
  }

  /** Why it is not asked while it rests. */
  get whyItRests(): string {
    return `its breaker is ${this.breaker?.state}`;
  }

  /**
   * Runs an attempt and counts it.
   * @param isFair it has the time that the target may take
   */
  async run<T>(attempt: () => Promise<T>, isFair: boolean): Promise<T> {
    this.attempts++;
    return this.breaker ? this.breaker.run(attempt, isFair) : attempt();
  }

  failed({ code }: MeshError): void {
    this.failures++;
    this.lastCode = code;
  }

  /** An attempt that had begun well has failed. */
  brokeOff(error: MeshError): void {
    this.failed(error);
    void this.breaker?.brokeOff(error);
  }

  took(method: string | undefined, ms: number): void {
    let latency = this.latencies.get(method);
    if (!latency) this.latencies.set(method, (latency = new Latency()));
    latency.add(ms);
  }

  /** Of the latest answers; undefined until 20 are known. */
  p95Ms(method: string | undefined): number | undefined {
    return this.latencies.get(method)?.p95Ms;
  }

  /** As people see it. */
  get status(): Record<string, unknown> {
    const { agent, weight, timeoutMs, attempts, failures, retries, hedges, budget, breaker } = this;
    return {
      agent,
      weight,
      timeoutMs,
      breaker: breaker?.state,
      attempts,
      failures,
      retries,
      hedges,
      p95Ms: Object.fromEntries([...this.latencies].map(([method, { p95Ms }]) => [method, p95Ms])),
      budget: budget.available,
      overBudget: budget.refused,
      lastError: this.lastCode,
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
