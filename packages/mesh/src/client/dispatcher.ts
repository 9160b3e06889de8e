import type { Actor } from "../actor/actor.ts";
import type { Clock } from "../clock.ts";
import type { AttemptOptions, CallOptions, MeshStream, StreamOptions } from "../contract/caller.ts";
import type { OnAsk } from "../contract/question.ts";
import type { TokenBudget } from "../contract/token-budget.ts";
import { type SessionIdOf, checkSessionId } from "../contract/session-options.ts";
import { type KeptCall, KeptCalls, hasPolicies } from "./kept-calls.ts";
import { type Duration, toMs } from "../duration.ts";
import { MeshError, located } from "../errors.ts";
import { asMeshError } from "../protocol/failure.ts";
import { type Priority, priorityOf } from "../protocol/priority.ts";
import { hasStopped } from "../protocol/stopped.ts";
import type { Trace } from "../protocol/trace.ts";
import type { CallTracing } from "../tracing/call-tracing.ts";
import { Calls, type CallsParts } from "./calls.ts";
import type { Directory } from "./directory.ts";
import { LazyStream } from "./lazy-stream.ts";
import { LocalCall } from "./local-call.ts";
import { eitherSignal } from "./either-signal.ts";
import { GeneratedStream } from "./generated-stream.ts";
import { type Request, targetOf } from "./request.ts";
import { SessionLines } from "./session-lines.ts";
import { Suggestions } from "./suggestions.ts";
import { type Outcome, UnaryCall } from "./unary-call.ts";

/** What a call that is made while serving a request takes from it. */
export interface Inherited {
  readonly chain: readonly string[];
  readonly trace: Trace;
  /** By the client's clock. */
  readonly deadlineAt: number;
  readonly signal: AbortSignal;
  /** Further attempts that the request's caller allows. */
  readonly retries: number | undefined;
  readonly undegraded: boolean;
  /** What is left to the request, and is told what its calls have used. */
  readonly tokens: TokenBudget;
  readonly priority: Priority;
  /** The session of a request that is passed on as it is. */
  readonly session: string | undefined;
  /** Asks the request's caller; undefined when that answers no questions. */
  readonly onAsk: OnAsk | undefined;
}

/** What is called: the subject and the deadline that goes with it. */
export interface Callee {
  readonly agent: string;
  /** Undefined for the default method. */
  readonly method: string | undefined;
  /** The deadline when the caller names none. */
  readonly timeoutMs: number;
  /** What the contract says; undefined when nobody knows it. */
  readonly isIdempotent?: boolean | undefined;
  readonly isResumable?: boolean | undefined;
  /** Names the session of an input; undefined when nobody knows how. */
  readonly sessionOf?: SessionIdOf<unknown> | undefined;
}

export interface DispatcherParts extends CallsParts {
  directory: Directory;
  /** Undefined where nobody records spans. */
  tracing?: CallTracing | undefined;
  host?: Host | undefined;
}

/** The agents of this very process. */
export interface Host {
  /** An actor that may take a call without the network. */
  free(agent: string): Actor | undefined;
  /** A replica that has left its pool, because the process drains, and still serves what is left of its work. */
  leaving(agent: string): string | undefined;
}

/** Turns calls into requests, and sends each by the way that suits it. */
export class Dispatcher {
  private readonly parts: DispatcherParts;
  private readonly calls: Calls;
  private readonly suggestions: Suggestions;
  private readonly kept: KeptCalls;
  private readonly lines: SessionLines;

  constructor(parts: DispatcherParts) {
    this.parts = parts;
    this.calls = new Calls(parts);
    this.kept = new KeptCalls(this, parts.clock, parts.tracing);
    this.lines = new SessionLines(parts.clock);
    this.suggestions = new Suggestions({ ...parts, root: parts.subjects.root });
  }

  get clock(): Clock {
    return this.parts.clock;
  }

  /** Rejects with a MeshError, bad options included. */
  call(
    callee: Callee,
    input: unknown,
    options: CallOptions | undefined,
    inherited: Inherited | undefined,
  ): Promise<unknown> {
    const line = lineOf(callee, input, options, inherited);
    if (line !== undefined) return this.inLine(line, { callee, input, options: options ?? {}, inherited });
    if (!hasPolicies(options)) return this.unary(callee, input, options, inherited);
    return this.kept.unary({ callee, input, options, inherited });
  }

  /** SE7 */
  private async inLine(line: string, call: KeptCall): Promise<unknown> {
    const { callee, input, options, inherited } = call;
    const deadlineAt = this.deadlineOf(callee, options, inherited);
    const leave = await this.lines.enter(line, {
      deadlineAt,
      signal: eitherSignal(options.signal, inherited?.signal),
      what: targetOf(callee),
    });
    try {
      const left = { ...options, timeout: Math.max(0, deadlineAt - this.clock.now()) };
      if (!hasPolicies(left)) return await this.unary(callee, input, left, inherited);
      return await this.kept.unary({ callee, input, options: left, inherited });
    } finally {
      leave();
    }
  }

  private async *chunksInLine(line: string, call: KeptCall, left: AbortSignal): AsyncGenerator<unknown> {
    const { callee, input, inherited } = call;
    const signal = eitherSignal(call.options.signal, left) ?? left;
    const deadlineAt = this.deadlineOf(callee, call.options, inherited);
    const leave = await this.lines.enter(line, {
      deadlineAt,
      signal: eitherSignal(signal, inherited?.signal),
      what: targetOf(callee),
    });
    // A reader that goes away without a word leaves no later than that.
    const stop = this.clock.after(Math.max(0, deadlineAt - this.clock.now()), leave);
    try {
      const options = { ...call.options, signal, timeout: Math.max(0, deadlineAt - this.clock.now()) };
      if (hasPolicies(options)) yield* this.kept.stream(() => ({ callee, input, options, inherited }));
      else yield* this.stream(() => callee, input, options, inherited);
    } finally {
      stop();
      leave();
    }
  }

  /** By the clock. @throws MeshError `bad_request` */
  private deadlineOf(callee: Callee, { timeout }: CallOptions, inherited: Inherited | undefined): number {
    const timeoutMs = timeout === undefined ? callee.timeoutMs : timeoutOf(timeout, callee);
    return Math.min(this.clock.now() + timeoutMs, inherited?.deadlineAt ?? Infinity);
  }

  /** The request is sent when the stream is first read; what is wrong with it is thrown there too. */
  open(
    callee: () => Callee,
    input: unknown,
    options: StreamOptions | undefined,
    inherited: Inherited | undefined,
  ): MeshStream<unknown> {
    const known = knownOf(callee);
    const line = known && lineOf(known, input, options, inherited);
    if (known && line !== undefined) {
      const call = { callee: known, input, options: options ?? {}, inherited };
      return new GeneratedStream((left) => this.chunksInLine(line, call, left));
    }
    if (!hasPolicies(options)) return this.stream(callee, input, options, inherited);
    return this.kept.stream(() => ({ callee: callee(), input, options, inherited }));
  }

  /** One attempt. Rejects with a MeshError, bad options included. */
  unary(
    callee: Callee,
    input: unknown,
    options: AttemptOptions | undefined,
    inherited?: Inherited,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const request = this.request(callee, input, options, inherited);
      const outcome = { resolve, reject };
      const actor = this.parts.host?.free(callee.agent);
      if (!actor || request.avoid?.includes(actor.replica)) return this.send(request, outcome);
      // Work that its actor has let go of is sent again, as over the network.
      const refuse = (error: MeshError): void => {
        const present = { attempt: 1, replica: error.replica, id: error.request };
        if (request.mayRepeat && hasStopped(error)) {
          request.span?.sentAgain(error, present);
          return this.send(request, outcome);
        }
        request.span?.end(error, present);
        reject(error);
      };
      new LocalCall(request, request.timeoutMs, resolve, refuse).begin(actor);
    });
  }

  private send(request: Request, outcome: Outcome): void {
    new UnaryCall(this.calls, request, outcome, this.suggestions).begin();
  }

  /** One attempt, which is made when the stream is first read. */
  stream(
    callee: () => Callee,
    input: unknown,
    options: AttemptOptions | undefined,
    inherited?: Inherited,
  ): MeshStream<unknown> {
    const request = (): Request => this.request(callee(), input, options, inherited);
    return new LazyStream(this.calls, request, this.suggestions);
  }

  /** Ends every call. Resolves when the replicas that hold them have been told: 100 ms at most. */
  close(): Promise<void> {
    return this.calls.close();
  }

  private request(
    callee: Callee,
    input: unknown,
    options: AttemptOptions | undefined,
    inherited: Inherited | undefined,
  ): Request {
    const { clock, subjects, host, failover, tracing } = this.parts;
    const { agent, method, timeoutMs } = callee;
    const now = clock.now();
    let deadlineAt = now + (options?.timeout === undefined ? timeoutMs : timeoutOf(options.timeout, callee));
    const session = options?.session ?? inherited?.session;
    let signal = options?.signal;
    if (inherited) {
      deadlineAt = Math.min(deadlineAt, inherited.deadlineAt);
      signal = eitherSignal(signal, inherited.signal);
    }
    const priority =
      options?.priority === undefined
        ? (inherited?.priority ?? "normal")
        : checkedPriority(options.priority, callee);
    const tokens = tokensFor(callee, options?.tokens, inherited?.tokens);
    const sessionId = session === undefined ? undefined : checked(() => checkSessionId(session), callee);
    // From here on nothing throws: the span has an end.
    const span = tracing?.begin(
      { agent, target: targetOf(callee), trial: options?.trial },
      options?.trace,
      inherited?.trace,
    );
    const replica = host?.leaving(agent);
    const shared = method === undefined ? subjects.agent(agent) : subjects.method(agent, method);
    return {
      agent,
      method,
      subject: replica === undefined ? shared : subjects.at(replica),
      isDirect: replica !== undefined,
      input,
      deadlineAt,
      timeoutMs: deadlineAt - now,
      signal,
      idempotencyKey: options?.idempotencyKey,
      mayRepeat: failover && (options?.idempotent ?? callee.isIdempotent ?? false),
      chain: inherited?.chain,
      trace: span?.trace ?? options?.trace ?? inherited?.trace,
      span,
      typed: options?.typed ?? false,
      onServed: options?.onServed,
      onAsk: options?.onAsk ?? inherited?.onAsk,
      window: options?.window,
      isResumable: callee.isResumable ?? options?.isResumable ?? false,
      from: options?.from ?? 0,
      avoid: options?.avoid,
      retries: leastOf(options?.retries, inherited?.retries),
      priority,
      undegraded: options?.degraded === "never" || (inherited?.undegraded ?? false),
      tokens,
      budget: inherited?.tokens,
      onHeld: options?.onHeld,
      session: sessionId,
    };
  }
}

/** Where a call waits for those before it: undefined when it need not. */
function lineOf(
  { agent, method, sessionOf }: Callee,
  input: unknown,
  options: CallOptions | undefined,
  inherited: Inherited | undefined,
): string | undefined {
  // One that comes back to its own agent must not wait for what waits for it.
  if ((!sessionOf && options?.session === undefined) || inherited?.chain.includes(agent)) return undefined;
  const session = namedBy(sessionOf, input, method) ?? options?.session;
  return session === undefined ? undefined : `${agent} ${session}`;
}

/** The replica names it again, once it has checked the input: what is wrong with that is told there. */
function namedBy(
  sessionOf: SessionIdOf<unknown> | undefined,
  input: unknown,
  method: string | undefined,
): string | undefined {
  try {
    return sessionOf?.(input, method ?? "");
  } catch {
    return undefined;
  }
}

/** Undefined when its name is wrong: that is told when the stream is read. */
function knownOf(callee: () => Callee): Callee | undefined {
  try {
    return callee();
  } catch {
    return undefined;
  }
}

/** @throws MeshError `bad_request` that names the call */
function timeoutOf(timeout: Duration, callee: Callee): number {
  return checked(() => toMs(timeout, "timeout"), callee);
}

/** @throws MeshError `bad_request` that names the call */
function checkedPriority(priority: string, callee: Callee): Priority {
  return checked(() => priorityOf(priority, "priority"), callee);
}

function checked<T>(check: () => T, { agent, method }: Callee): T {
  try {
    return check();
  } catch (error) {
    throw located(asMeshError(error), { agent, method, attempt: 1 });
  }
}

/** LM11. @throws MeshError `budget_exhausted` when none are left, `bad_request` for what is no number of them */
function tokensFor(
  { agent, method }: Callee,
  asked: number | undefined,
  budget: TokenBudget | undefined,
): number | undefined {
  if (asked !== undefined && !(Number.isInteger(asked) && asked > 0))
    throw new MeshError("bad_request", `tokens is ${asked}; it must be a whole number from 1.`, {
      agent,
      method,
    });
  const left = Math.floor(Math.min(asked ?? Infinity, budget?.left ?? Infinity));
  if (left >= 1) return left === Infinity ? undefined : left;
  const target = targetOf({ agent, method });
  throw new MeshError("budget_exhausted", `the request has no tokens left for a call of ${target}.`, {
    agent,
    method,
  });
}

function leastOf(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}
