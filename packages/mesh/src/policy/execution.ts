import type { Clock } from "../clock.ts";
import { type ErrorCode, MeshError } from "../errors.ts";
import { Allowance } from "./allowance.ts";
import { Attempts } from "./attempts.ts";
import { isFinal } from "./final.ts";
import type { ExecutionPolicy } from "./options.ts";
import type { PolicyEvent } from "./policy-event.ts";
import type { Target } from "./target.ts";
import { type Succeeded, Trials } from "./trials.ts";
import { Turn, type TurnParts } from "./turn.ts";
import { noteOnSpan } from "../tracing/tracer.ts";
import type { Work } from "./work.ts";

/**
 * One request, kept alive: asked of one target after the other, and of each as often as it makes sense. A stream that
 * breaks off goes on where it was, with what it has left of everything.
 *
 * Y1: what may have been begun is not begun again, unless repeating it does no harm.
 * Y2: nothing is tried again that cannot get better by it, nor after the deadline, nor sooner than the target asked for.
 * Y3: retries are bounded by the budget, and by what the caller allows for all the levels below it: they do not multiply.
 * Y4: a replica that has just failed is not asked again while there is another.
 * Y5: a failure tells of every attempt.
 */
export class Execution<T> {
  private readonly request: TurnParts<T>;
  private readonly targets: readonly Target[];
  private readonly attempts: Attempts;
  /** Y3 */
  private readonly allowances = new Map<Target, Allowance>();
  /** Whose turn it is. */
  private at = 0;

  /** @param targets in the order in which they are asked */
  constructor(
    clock: Clock,
    policy: ExecutionPolicy,
    work: Work<T>,
    targets: readonly Target[],
    tell: (event: PolicyEvent) => void = () => {},
  ) {
    this.targets = targets;
    this.attempts = new Attempts(clock);
    this.request = {
      clock,
      policy,
      work,
      tell: noting(tell),
      trials: new Trials(clock, work, this.attempts),
    };
  }

  /**
   * Asks the targets in order.
   * @param from of a stream: chunks that the caller has already
   * @throws MeshError that tells of every attempt; what is the request's own fault is passed on as it is
   */
  run(from = 0): Promise<Succeeded<T>> {
    return this.askAll(from);
  }

  /**
   * Goes on with a stream that has broken off: with a further attempt at its target, or else with the next one.
   * @throws MeshError that tells of every attempt
   */
  async resume(broken: Succeeded<T>, error: MeshError, from: number): Promise<Succeeded<T>> {
    const { trials, work } = this.request;
    trials.brokeOff(broken, error);
    if (!work.isResumable || isFinal(error)) throw this.attempts.failure(work.what, { as: error });
    return this.askAll(from, error);
  }

  /** @param brokenOff why the stream of the target whose turn it is has broken off */
  private async askAll(from: number, brokenOff?: MeshError): Promise<Succeeded<T>> {
    const { attempts, targets } = this;
    let soonestMs = Infinity;
    for (let failed = brokenOff; this.at < targets.length; this.at++, failed = undefined) {
      const target = targets[this.at] as Target;
      const { restsMs } = target;
      if (restsMs > 0) {
        soonestMs = Math.min(soonestMs, restsMs);
        attempts.passOver(target.agent, target.whyItRests);
        this.tellFallback(target, "breaker-open");
        continue;
      }
      const outcome = await this.turnOf(target, from).take(failed);
      if (!(outcome instanceof MeshError)) return outcome;
      this.stopAfter(outcome);
      this.tellFallback(target, outcome.code);
    }
    const retryAfterMs = Number.isFinite(soonestMs) ? soonestMs : undefined;
    throw attempts.failure(this.request.work.what, { retryAfterMs });
  }

  /** All that may still be asked share the time that is left alike. */
  private turnOf(target: Target, from: number): Turn<T> {
    const { clock } = this.request;
    const others = this.targets.slice(this.at + 1).filter(({ restsMs }) => restsMs === 0).length;
    return new Turn(this.request, {
      target,
      allowance: this.allowanceFor(target),
      endsAt: clock.now() + this.leftMs / (others + 1),
      isLast: others === 0,
      from,
    });
  }

  private allowanceFor(target: Target): Allowance {
    let allowance = this.allowances.get(target);
    if (!allowance) {
      const { policy, work } = this.request;
      allowance = new Allowance(policy.retry.attempts - 1, work.retries);
      this.allowances.set(target, allowance);
      target.budget.deposit();
    }
    return allowance;
  }

  /** @throws MeshError when no other target may be asked */
  private stopAfter(error: MeshError): void {
    const { what, signal, isIdempotent } = this.request.work;
    const { attempts } = this;
    // Y5
    if (isFinal(error)) throw attempts.failed.length > 1 ? attempts.failure(what, { as: error }) : error;
    if (signal?.aborted) {
      const as = new MeshError("cancelled", `the caller gave up on ${what}.`, { cause: signal.reason });
      throw attempts.failure(what, { as, why: ", and the caller gave up" });
    }
    // Y2
    if (this.leftMs <= 0) throw attempts.failure(what, { why: ", and its time is up" });
    // Y1
    if (this.at + 1 === this.targets.length || isIdempotent || !error.mayHaveRun) return;
    const why =
      ", and is not asked of another since it may have been done (declare it `idempotent` if that does no harm)";
    throw attempts.failure(what, { why });
  }

  private tellFallback({ agent }: Target, code: ErrorCode | "breaker-open"): void {
    const next = this.targets[this.at + 1];
    if (next) this.request.tell({ kind: "fallback", from: agent, to: next.agent, code });
  }

  private get leftMs(): number {
    const { clock, work } = this.request;
    return work.deadlineAt - clock.now();
  }
}

/** Says it on the span of the request as well. */
function noting(tell: (event: PolicyEvent) => void): (event: PolicyEvent) => void {
  return (event) => {
    const { kind, ...fields } = event;
    noteOnSpan(kind, fields);
    tell(event);
  };
}
