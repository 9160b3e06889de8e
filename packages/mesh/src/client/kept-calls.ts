import type { Clock } from "../clock.ts";
import type { AttemptOptions, CallOptions, MeshStream, Served, StreamOptions } from "../contract/caller.ts";
import { defaultMethodOf } from "../contract/contract.ts";
import { toMs } from "../duration.ts";
import { MeshError } from "../errors.ts";
import { asMeshError } from "../protocol/failure.ts";
import { derivedTrace } from "../protocol/trace.ts";
import type { CallSpan } from "../tracing/call-span.ts";
import type { CallTracing } from "../tracing/call-tracing.ts";
import { type Answered, type Asker, type Common, streamWork, unaryWork } from "../policy/asker.ts";
import { creditsOf } from "../policy/credits.ts";
import { Execution } from "../policy/execution.ts";
import { keptStream } from "../policy/kept-stream.ts";
import { type ExecutionPolicy, hedgeOf, positiveMs, retryOf } from "../policy/options.ts";
import type { Target } from "../policy/target.ts";
import type { Succeeded } from "../policy/trials.ts";
import type { Work } from "../policy/work.ts";
import { parseTarget } from "../protocol/names.ts";
import { newRequestId, requestIdText } from "../protocol/request-id.ts";
import type { Callee } from "./callee.ts";
import type { Inherited } from "./inherited.ts";
import { eitherSignal } from "./either-signal.ts";
import { GeneratedStream } from "./generated-stream.ts";
import { KnownTargets } from "./known-targets.ts";
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
  private readonly targets: KnownTargets;
  private readonly tracing: CallTracing | undefined;

  constructor(attempts: Attempts, clock: Clock, tracing?: CallTracing) {
    this.attempts = attempts;
    this.clock = clock;
    this.tracing = tracing;
    this.targets = new KnownTargets(clock);
  }

  /** Rejects with a MeshError, bad options included. */
  async unary(call: KeptCall): Promise<unknown> {
    const key = keyOf(call);
    const span = this.begin(call);
    const asking = (): Promise<Succeeded<Answered>> =>
      this.execution(call, key, span, (common) => unaryWork(this.askerFor(call), common)).run();
    try {
      const { value: answer, target } = await (span ? span.within(asking) : asking());
      span?.end(undefined);
      tell(call, target, answer.served, key);
      return answer.value;
    } catch (error) {
      span?.end(asMeshError(error));
      throw error;
    }
  }

  stream(call: () => KeptCall): MeshStream<unknown> {
    return new GeneratedStream((left) => this.chunks(call(), left));
  }

  private async *chunks(call: KeptCall, left: AbortSignal): AsyncGenerator<unknown> {
    const what = targetOf(call.callee);
    const options = { ...call.options, signal: eitherSignal(call.options.signal, left) ?? left };
    const key = keyOf(call);
    const span = this.begin(call);
    let failure: MeshError | undefined;
    try {
      const asking = this.execution({ ...call, options }, key, span, (common) =>
        streamWork(this.askerFor(call), common, this.clock),
      );
      const { value, target } = yield* keptStream(asking, asking.run(), { what, from: 0 });
      tell(call, target, value.served(), key);
    } catch (error) {
      failure = asMeshError(error);
      throw error;
    } finally {
      span?.end(failure);
    }
  }

  private begin({ callee, options, inherited }: KeptCall): CallSpan | undefined {
    const { agent } = callee;
    const of = { agent, target: targetOf(callee), isKept: true };
    return this.tracing?.begin(of, options.trace, inherited?.trace);
  }

  /** @throws MeshError `bad_request` */
  private execution<T>(
    call: KeptCall,
    key: string,
    span: CallSpan | undefined,
    workOf: (common: Common) => Work<T>,
  ): Execution<T> {
    const { callee, options, inherited } = call;
    const what = targetOf(callee);
    const isIdempotent = options.idempotent ?? mayBeDoneTwice(callee, options);
    const policy = policyOf(options, what, isIdempotent);
    const targets = [{ agent: callee.agent }, ...(options.fallback ?? []).map(fallbackOf)].map((each) =>
      this.targets.get(each, policy.retry.budget),
    );
    const work = workOf({
      what,
      method: callee.method,
      isIdempotent,
      deadlineAt: this.deadlineOf(call),
      signal: eitherSignal(options.signal, inherited?.signal),
      retries: inherited?.retries,
      idempotencyKey: key,
      // All attempts are of one trace.
      trace: span?.trace ?? options.trace ?? inherited?.trace ?? derivedTrace(requestIdText(newRequestId())),
      typed: options.typed,
      undegraded: options.degraded === "never",
      window: options.window,
      priority: options.priority,
      session: options.session,
      onAsk: options.onAsk ?? inherited?.onAsk,
      tokens: options.tokens,
      isResumable: callee.isResumable ?? false,
    });
    return new Execution(this.clock, policy, work, targets);
  }

  private askerFor({ callee, input, inherited }: KeptCall): Asker {
    const calleeOf = ({ agent, method = callee.method }: Target): Callee => ({ ...callee, agent, method });
    return {
      unary: (target, options) => this.attempts.unary(calleeOf(target), input, options, inherited),
      stream: (target, options) => this.attempts.stream(() => calleeOf(target), input, options, inherited),
    };
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
  if (hedge && !isIdempotent) {
    throw new MeshError(
      "bad_request",
      `${what}, or a fallback, is not idempotent: a hedge may do its work twice. Declare it so in its contract, or call it with \`idempotent: true\`.`,
    );
  }
  return {
    retry: retryOf(retry, what),
    hedge: hedgeOf(hedge, what),
    timeoutMs:
      attemptTimeout === undefined ? undefined : positiveMs(attemptTimeout, `${what}: attemptTimeout`),
  };
}

/** As all contracts say that are known. */
function mayBeDoneTwice({ method, isIdempotent = false }: Callee, { fallback = [] }: CallOptions): boolean {
  return (
    isIdempotent &&
    fallback.every((each) => {
      if (typeof each === "string") return true;
      const contract = "contract" in each ? each.contract : each;
      const { idempotent, resumable } = contract.methods[method ?? defaultMethodOf(contract) ?? ""] ?? {};
      return idempotent === true || resumable === true;
    })
  );
}

type Fallback = NonNullable<CallOptions["fallback"]>[number];

/** A name alone is the same method of another agent. */
function fallbackOf(fallback: Fallback): { agent: string; method?: string } {
  if (typeof fallback !== "string")
    return { agent: ("contract" in fallback ? fallback.contract : fallback).name };
  const { agent, method } = parseTarget(fallback);
  return method === undefined ? { agent } : { agent, method };
}

function keyOf({ options }: KeptCall): string {
  return options.idempotencyKey ?? requestIdText(newRequestId());
}

function tell(
  { callee, options }: KeptCall,
  { agent }: Target,
  served: Served | undefined,
  key: string,
): void {
  const metadata = creditsOf(served, agent, callee.agent);
  const { replica, attempt = 1, request: id = key } = served ?? {};
  tellServed({ agent, onServed: options.onServed }, { replica, attempt, id, metadata });
}
