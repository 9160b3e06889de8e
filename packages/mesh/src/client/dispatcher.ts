import type { Clock } from "../clock.ts";
import type { AttemptOptions, CallOptions, MeshStream, StreamOptions } from "../contract/caller.ts";
import type { SessionIdOf } from "../contract/session-options.ts";
import type { MeshError } from "../errors.ts";
import { hasStopped } from "../protocol/stopped.ts";
import type { Callee } from "./callee.ts";
import { Calls, type CallsParts } from "./calls.ts";
import { type ComposerParts, compose, timeoutOf } from "./compose.ts";
import type { Directory } from "./directory.ts";
import { eitherSignal } from "./either-signal.ts";
import { GeneratedStream } from "./generated-stream.ts";
import type { Inherited } from "./inherited.ts";
import { type KeptCall, KeptCalls, hasPolicies } from "./kept-calls.ts";
import { LazyStream } from "./lazy-stream.ts";
import { LocalCall } from "./local-call.ts";
import { type Request, targetOf } from "./request.ts";
import { SessionLines } from "./session-lines.ts";
import { Suggestions } from "./suggestions.ts";
import { type Outcome, UnaryCall } from "./unary-call.ts";

export interface DispatcherParts extends CallsParts, ComposerParts {
  directory: Directory;
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
      const request = compose(this.parts, callee, input, options, inherited);
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
    const request = (): Request => compose(this.parts, callee(), input, options, inherited);
    return new LazyStream(this.calls, request, this.suggestions);
  }

  /** Ends every call. Resolves when the replicas that hold them have been told: 100 ms at most. */
  close(): Promise<void> {
    return this.calls.close();
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
