import type { Clock } from "../clock.ts";
import type { AttemptOptions, CallOptions, MeshStream, Served, StreamOptions } from "../contract/caller.ts";
import { toMs } from "../duration.ts";
import { MeshError } from "../errors.ts";
import { type Asker, type Common, streamWork, unaryWork } from "../policy/asker.ts";
import { creditsOf } from "../policy/credits.ts";
import { Execution, type ExecutionPolicy, type Succeeded } from "../policy/execution.ts";
import { keptStream } from "../policy/kept-stream.ts";
import { hedgeOf, positiveMs, retryOf } from "../policy/options.ts";
import { Target } from "../policy/target.ts";
import type { Work } from "../policy/work.ts";
import { parseTarget } from "../protocol/names.ts";
import { newRequestId, requestIdText } from "../protocol/request-id.ts";
import type { Callee, Inherited } from "./dispatcher.ts";
import { GeneratedStream } from "./generated-stream.ts";
import { targetOf, tellServed } from "./request.ts";

/** Makes one attempt. */
export interface Attempts {
  unary(callee: Callee, input: unknown, options: AttemptOptions, inherited?: Inherited): Promise<unknown>;
  stream(
    callee: () => Callee,
    input: unknown,
    options: AttemptOptions,
    inherited?: Inherited,
  ): MeshStream<unknown>;
}

/** A call that asks for more than one attempt. */
export interface KeptCall {
  readonly callee: Callee;
  readonly input: unknown;
  readonly options: StreamOptions;
  readonly inherited: Inherited | undefined;
}

/** True when a call is to be kept alive here. */
export function hasPolicies(options: CallOptions | undefined): options is CallOptions {
  if (!options) return false;
  const { retry, fallback, hedge, attemptTimeout } = options;
  return [retry, fallback, hedge, attemptTimeout].some((each) => each !== undefined);
}

/** Calls with policies of their own, and what one client knows of the agents that it calls so. */
export class KeptCalls {
  private readonly attempts: Attempts;
  private readonly clock: Clock;
  private readonly targets = new Map<string, Target>();

  constructor(attempts: Attempts, clock: Clock) {
    this.attempts = attempts;
    this.clock = clock;
  }

  /** Rejects with a MeshError, bad options included. */
  async unary(call: KeptCall): Promise<unknown> {
    const { value, target } = await this.execution(call, (common) => unaryWork(this.askerFor(call), common));
    tell(call, target, value.served);
    return value.value;
  }

  stream(call: () => KeptCall): MeshStream<unknown> {
    return new GeneratedStream(() => this.chunks(call()));
  }

  private async *chunks(call: KeptCall): AsyncGenerator<unknown> {
    const { isResumable = false } = call.callee;
    const key = call.options.idempotencyKey ?? newKey();
    const deadlineAt = this.deadlineOf(call);
    const { value, target } = yield* keptStream(
      (from) =>
        this.execution({ ...call, options: { ...call.options, idempotencyKey: key } }, (common) =>
          streamWork(this.askerFor(call), { ...common, deadlineAt }, from, this.clock),
        ),
      { what: targetOf(call.callee), from: 0, isResumable },
    );
    tell(call, target, value.served());
  }

  private execution<T>(call: KeptCall, workOf: (common: Common) => Work<T>): Promise<Succeeded<T>> {
    const { callee, options, inherited } = call;
    const what = targetOf(callee);
    const isIdempotent = options.idempotent ?? callee.isIdempotent ?? false;
    const policy = policyOf(options, what, isIdempotent);
    const targets = [{ agent: callee.agent }, ...(options.fallback ?? []).map(fallbackOf)].map((each) =>
      this.target(each, policy),
    );
    const work = workOf({
      what,
      isIdempotent,
      deadlineAt: this.deadlineOf(call),
      signal: signalOf(options.signal, inherited?.signal),
      retries: inherited?.retries,
      idempotencyKey: options.idempotencyKey ?? newKey(),
      typed: options.typed,
      undegraded: options.degraded === "never",
      window: options.window,
      isResumable: callee.isResumable ?? false,
    });
    return new Execution(this.clock, policy, work).run(targets);
  }

  private askerFor({ callee, input, inherited }: KeptCall): Asker {
    const calleeOf = ({ agent, method = callee.method }: Target): Callee => ({ ...callee, agent, method });
    return {
      unary: (target, options) => this.attempts.unary(calleeOf(target), input, options, inherited),
      stream: (target, options) => this.attempts.stream(() => calleeOf(target), input, options, inherited),
    };
  }

  private target({ agent, method }: { agent: string; method?: string }, { retry }: ExecutionPolicy): Target {
    const key = `${agent}.${method ?? ""} ${retry.budget}`;
    let target = this.targets.get(key);
    if (!target) {
      target = new Target(this.clock, { agent, method }, retry.budget);
      this.targets.set(key, target);
    }
    return target;
  }

  private deadlineOf({ callee, options, inherited }: KeptCall): number {
    const timeoutMs = options.timeout === undefined ? callee.timeoutMs : toMs(options.timeout, "timeout");
    return Math.min(this.clock.now() + timeoutMs, inherited?.deadlineAt ?? Infinity);
  }
}

function policyOf(
  { retry = 1, hedge, attemptTimeout }: CallOptions,
  what: string,
  isIdempotent: boolean,
): ExecutionPolicy {
  if (hedge !== undefined && !isIdempotent) {
    throw new MeshError(
      "bad_request",
      `${what} is not idempotent: a hedge may do its work twice. Declare it so in its contract, or call it with \`idempotent: true\`.`,
    );
  }
  return {
    retry: retryOf(retry, what),
    hedge: hedge === undefined ? undefined : hedgeOf(hedge, what),
    timeoutMs:
      attemptTimeout === undefined ? undefined : positiveMs(attemptTimeout, `${what}: attemptTimeout`),
  };
}

type Fallback = NonNullable<CallOptions["fallback"]>[number];

/** A name alone is the same method of another agent. */
function fallbackOf(fallback: Fallback): { agent: string; method?: string } {
  if (typeof fallback !== "string")
    return { agent: ("contract" in fallback ? fallback.contract : fallback).name };
  const { agent, method } = parseTarget(fallback);
  return method === undefined ? { agent } : { agent, method };
}

function signalOf(a: AbortSignal | undefined, b: AbortSignal | undefined): AbortSignal | undefined {
  return a && b ? AbortSignal.any([a, b]) : (a ?? b);
}

function newKey(): string {
  return requestIdText(newRequestId());
}

function tell({ callee, options }: KeptCall, { agent }: Target, served: Served | undefined): void {
  const metadata = creditsOf(served, agent, callee.agent);
  const { replica, attempt = 1 } = served ?? {};
  tellServed({ agent, onServed: options.onServed }, { replica, attempt, metadata });
}
