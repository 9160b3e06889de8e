import type { Clock } from "../clock.ts";
import type { MeshError } from "../errors.ts";
import { asMeshError } from "../protocol/failure.ts";
import type { Allowance } from "./allowance.ts";
import { attemptsBehind } from "./attempts.ts";
import { isFinal } from "./final.ts";
import { hedged } from "./hedge.ts";
import type { ExecutionPolicy } from "./options.ts";
import type { PolicyEvent } from "./policy-event.ts";
import { retryDelays } from "./retry-delay.ts";
import { sleep } from "./sleep.ts";
import type { Target } from "./target.ts";
import type { Succeeded, Terms, Trials } from "./trials.ts";
import type { Work } from "./work.ts";

/** Measured p95s take a while. Until then this is what an answer may take. */
const UNMEASURED_MS = 2_000;
/** A replica says after 20 ms that it holds a request. */
const LEAST_HEDGE_MS = 30;

/** What all turns of one request have in common. */
export interface TurnParts<T> {
  readonly clock: Clock;
  readonly policy: ExecutionPolicy;
  readonly work: Work<T>;
  readonly trials: Trials<T>;
  readonly tell: (event: PolicyEvent) => void;
}

export interface TurnOptions {
  readonly target: Target;
  readonly allowance: Allowance;
  /** When its share of the time is over, by the clock. */
  readonly endsAt: number;
  /** No other target may be asked after it. */
  readonly isLast: boolean;
  /** Of a stream: chunks that the caller has already. */
  readonly from: number;
}

/** A target's turn: it is asked as often as it makes sense. */
export class Turn<T> {
  private readonly request: TurnParts<T>;
  private readonly options: TurnOptions;

  constructor(request: TurnParts<T>, options: TurnOptions) {
    this.request = request;
    this.options = options;
  }

  /** @param brokenOff why a stream of the target has broken off, if that is how the turn begins */
  async take(brokenOff?: MeshError): Promise<Succeeded<T> | MeshError> {
    const { clock, policy, work } = this.request;
    const { target } = this.options;
    const delay = retryDelays(policy.retry);
    let error = brokenOff;
    for (let failed = error ? 1 : 0; ; failed++) {
      if (error) {
        const waitMs = Math.max(delay(), (error.retryAfterS ?? 0) * 1_000);
        // A stream that has come further may do so again.
        if (!this.mayTryAgain(error, waitMs, error === brokenOff)) return error;
        target.retries++;
        this.request.tell({
          kind: "retry",
          target: target.agent,
          code: error.code,
          attempt: failed,
          waitMs: Math.round(waitMs),
        });
        // Its breaker may have opened meanwhile, for other requests.
        if (!(await sleep(clock, waitMs, work.signal)) || target.restsMs > 0) return error;
      }
      try {
        return await this.once();
      } catch (thrown) {
        error = asMeshError(thrown);
      }
    }
  }

  /** One attempt, and those that are made beside it when it takes long. */
  private once(): Promise<Succeeded<T>> {
    const { clock, policy, trials } = this.request;
    const { hedge } = policy;
    const { target } = this.options;
    if (!hedge) return trials.make(target, this.terms());
    const afterMs = Math.max(LEAST_HEDGE_MS, hedge.afterMs ?? this.usualMs);
    return hedged({
      clock,
      afterMs,
      max: hedge.max,
      start: (signal) => trials.make(target, this.terms(), signal),
      // Y4: before that nobody knows whom to avoid, and a hedge might join the very work that it is to overtake.
      isReady: () => trials.areHeld,
      mayJoin: () => {
        // AK8
        if (trials.hasAsked) return false;
        if (target.restsMs > 0 || !this.options.allowance.spendOnHedge() || !this.takeFromBudget())
          return false;
        target.hedges++;
        this.request.tell({ kind: "hedge", target: target.agent, afterMs: Math.round(afterMs) });
        return true;
      },
    });
  }

  private terms(): Terms {
    const { clock, policy, work } = this.request;
    const { target, allowance, endsAt, isLast, from } = this.options;
    const now = clock.now();
    const ownMs = target.timeoutMs ?? policy.timeoutMs;
    const timeoutMs = Math.max(1, Math.min(work.deadlineAt - now, ownMs ?? endsAt - now));
    return {
      timeoutMs,
      isFair: timeoutMs >= Math.min(ownMs ?? Infinity, this.usualMs),
      retries: allowance.handDown(),
      // The real answer of another is better than the next best of this one.
      undegraded: !isLast,
      from,
    };
  }

  private mayTryAgain(error: MeshError, waitMs: number, isPromising: boolean): boolean {
    const { target, allowance, endsAt } = this.options;
    // Y3: attempts further down count.
    const isAllowed = allowance.spend(attemptsBehind(error));
    if (!isAllowed || !(isPromising || this.mayGetBetter(error))) return false;
    // Y2: what the others are to have of the time is theirs.
    if (waitMs >= endsAt - this.request.clock.now() || target.restsMs > 0) return false;
    return this.takeFromBudget();
  }

  private mayGetBetter(error: MeshError): boolean {
    // Y1
    if (error.mayHaveRun && !this.request.work.isIdempotent) return false;
    // Y2
    if (!error.retryable || isFinal(error)) return false;
    // Where nobody is at all, nobody will be so soon: others are there.
    return this.options.isLast || error.code !== "unavailable" || error.replica !== undefined;
  }

  /** Y3 */
  private takeFromBudget(): boolean {
    const { budget, agent } = this.options.target;
    return budget.take(() => this.request.tell({ kind: "budget", target: agent }));
  }

  private get usualMs(): number {
    return this.options.target.p95Ms(this.request.work.method) ?? UNMEASURED_MS;
  }
}
