import type { Clock } from "../clock.ts";
import { ERROR_CODES, type ErrorCode, MeshError } from "../errors.ts";
import { asMeshError } from "../protocol/failure.ts";
import { Attempts, attemptsBehind } from "./attempts.ts";
import { hedged } from "./hedge.ts";
import type { Hedge, Retry } from "./options.ts";
import { retryDelays } from "./retry-delay.ts";
import { sleep } from "./sleep.ts";
import type { Target } from "./target.ts";
import { Trials } from "./trials.ts";
import type { Work } from "./work.ts";

/**
 * One request, kept alive: asked of one target after the other, and of each as often as it makes sense.
 *
 * Y1: what may have been begun is not begun again, unless repeating it does no harm.
 * Y2: nothing is tried again that cannot get better by it, nor after the deadline, nor sooner than the target asked for.
 * Y3: retries are bounded by the budget, and by what the caller allows for all the levels below it: they do not multiply.
 * Y4: a replica that has just failed is not asked again while there is another.
 * Y5: a failure tells of every attempt.
 */

/** Measured p95s take a while. */
const HEDGE_UNTIL_MEASURED_MS = 2_000;
/**
 * A replica says after 20 ms that it holds a request. Before that nobody knows which one is to be avoided, and a hedge
 * might join the very work that it is to overtake.
 */
const LEAST_HEDGE_MS = 30;

export interface ExecutionPolicy {
  readonly retry: Retry;
  readonly hedge: Hedge | undefined;
  /** Of an attempt. Default: an equal share of the time left for each target that is still to come. */
  readonly timeoutMs: number | undefined;
}

/** What happens on the way. */
export type PolicyEvent =
  | { kind: "retry"; target: string; code: ErrorCode; attempt: number; waitMs: number }
  | { kind: "fallback"; from: string; to: string; code: ErrorCode | "breaker-open" }
  | { kind: "hedge"; target: string; afterMs: number };

export interface Succeeded<T> {
  readonly value: T;
  readonly target: Target;
}

/** Failures that are the request's own: every target would say the same, or nobody wants to know any more. */
const FINAL: ReadonlySet<ErrorCode> = new Set(["bad_request", "conflict", "cancelled", "budget_exhausted"]);

/** Nothing else can be tried. */
export function isFinal({ code }: MeshError): boolean {
  return FINAL.has(code);
}

export class Execution<T> {
  private readonly clock: Clock;
  private readonly policy: ExecutionPolicy;
  private readonly work: Work<T>;
  private readonly tell: (event: PolicyEvent) => void;
  private readonly attempts: Attempts;
  private readonly trials: Trials<T>;
  /** Y3 */
  private readonly retriesLeft: number;
  private comingAfter = 0;
  private soonestMs = Infinity;

  constructor(
    clock: Clock,
    policy: ExecutionPolicy,
    work: Work<T>,
    tell: (event: PolicyEvent) => void = () => {},
  ) {
    this.clock = clock;
    this.policy = policy;
    this.work = work;
    this.tell = tell;
    this.attempts = new Attempts(clock);
    this.trials = new Trials(clock, work, this.attempts);
    this.retriesLeft = Math.min(policy.retry.attempts - 1, work.retries ?? Infinity);
  }

  /**
   * Asks the targets in order.
   * @throws MeshError that tells of every attempt; what is the request's own fault is passed on as it is
   */
  async run(targets: readonly Target[]): Promise<Succeeded<T>> {
    for (const [index, target] of targets.entries()) {
      this.comingAfter = targets.length - index - 1;
      const next = targets[index + 1];
      const waitMs = target.breaker?.waitMs ?? 0;
      if (waitMs > 0) {
        this.soonestMs = Math.min(this.soonestMs, waitMs);
        this.attempts.passOver(target.agent, `its breaker is ${target.breaker?.state}`);
        if (next) this.tell({ kind: "fallback", from: target.agent, to: next.agent, code: "breaker-open" });
        continue;
      }
      const error = await this.ask(target);
      if (!(error instanceof MeshError)) return { value: error.value, target };
      // Y5
      if (isFinal(error)) throw error;
      const why = this.reasonToStop(error);
      if (why !== undefined) throw this.attempts.failure(this.work.what, { why });
      if (next) this.tell({ kind: "fallback", from: target.agent, to: next.agent, code: error.code });
    }
    throw this.attempts.failure(
      this.work.what,
      Number.isFinite(this.soonestMs) ? { retryAfterMs: this.soonestMs } : {},
    );
  }

  /** One target, as often as it makes sense. */
  private async ask(target: Target): Promise<{ value: T } | MeshError> {
    const delay = retryDelays(this.policy.retry);
    let { retriesLeft } = this;
    target.budget.deposit();
    for (let attempt = 1; ; attempt++) {
      try {
        return { value: await this.once(target, retriesLeft, attempt) };
      } catch (thrown) {
        const error = asMeshError(thrown);
        // Y3: attempts further down count.
        retriesLeft -= attemptsBehind(error);
        const waitMs = Math.max(delay(), (error.retryAfterS ?? 0) * 1_000);
        if (retriesLeft < 0 || !this.mayRetry(error, target, waitMs)) return error;
        target.retries++;
        this.tell({
          kind: "retry",
          target: target.agent,
          code: error.code,
          attempt,
          waitMs: Math.round(waitMs),
        });
        if (!(await sleep(this.clock, waitMs, this.work.signal))) return error;
      }
    }
  }

  /** One attempt, and those that are made beside it when it takes long. */
  private once(target: Target, retriesLeft: number, attempt: number): Promise<T> {
    const { hedge } = this.policy;
    // Y3: what is below makes further attempts the first time, and not each time. Who makes none leaves them to others.
    const mine = this.policy.retry.attempts > 1 ? retriesLeft : this.work.retries;
    const retries = attempt === 1 ? mine : 0;
    if (!hedge) return this.trials.make(target, this.timeoutOf(target), retries);
    const afterMs = Math.max(
      LEAST_HEDGE_MS,
      hedge.afterMs ?? target.latency.p95Ms ?? HEDGE_UNTIL_MEASURED_MS,
    );
    let extra = -1;
    return hedged({
      clock: this.clock,
      afterMs,
      max: hedge.max,
      start: (signal) =>
        this.trials.make(target, this.timeoutOf(target), ++extra === 0 ? retries : 0, signal),
      mayJoin: () => {
        if ((target.breaker?.waitMs ?? 0) > 0 || !target.budget.take()) return false;
        target.hedges++;
        this.tell({ kind: "hedge", target: target.agent, afterMs: Math.round(afterMs) });
        return true;
      },
    });
  }

  private timeoutOf(target: Target): number {
    const left = Math.max(1, this.leftMs);
    const own = target.timeoutMs ?? this.policy.timeoutMs ?? left / (this.comingAfter + 1);
    return Math.min(left, own);
  }

  private mayRetry(error: MeshError, target: Target, waitMs: number): boolean {
    // Y1, Y2
    if (!error.retryable || isFinal(error) || !this.mayRepeat(error)) return false;
    if (waitMs >= this.leftMs || (target.breaker?.waitMs ?? 0) > 0) return false;
    // Y3
    return target.budget.take();
  }

  private mayRepeat({ code }: MeshError): boolean {
    return this.work.isIdempotent || !ERROR_CODES[code].mayHaveRun;
  }

  /** Why no other target is asked; undefined when one may be. */
  private reasonToStop(error: MeshError): string | undefined {
    if (this.work.signal?.aborted) return ", and the caller gave up";
    // Y2
    if (this.leftMs <= 0) return ", and its time is up";
    // Y1: an agent that says that it has failed is done; one that says nothing may be at it still.
    const isUnknown =
      error.code === "timeout" || error.code === "replica_lost" || error.code === "deadline_exceeded";
    if (!isUnknown || this.mayRepeat(error)) return undefined;
    return ", and is not asked of another since it may still be done (declare it `idempotent` if that does no harm)";
  }

  private get leftMs(): number {
    return this.work.deadlineAt - this.clock.now();
  }
}
