import type { Actor } from "../actor/actor.ts";
import type { CallOptions, MeshStream, StreamOptions } from "../contract/caller.ts";
import { toMs } from "../duration.ts";
import { MeshError } from "../errors.ts";
import type { Trace } from "../protocol/trace.ts";
import { Calls, type CallsParts } from "./calls.ts";
import type { Directory } from "./directory.ts";
import { LazyStream } from "./lazy-stream.ts";
import { LocalCall } from "./local-call.ts";
import type { Request } from "./request.ts";
import { nearest } from "./suggest.ts";
import { UnaryCall } from "./unary-call.ts";

/** How long a call that found nobody may look for names that are alike, and how long what it found is good. */
const SUGGEST = { quietMs: 40, maxMs: 200 };
const SUGGEST_FOR_MS = 5_000;

/** What a call that is made while serving a request takes from it. */
export interface Inherited {
  readonly chain: readonly string[];
  readonly trace: Trace;
  /** By the client's clock. */
  readonly deadlineAt: number;
  readonly signal: AbortSignal;
}

/** What is called: the subject and the deadline that goes with it. */
export interface Callee {
  readonly agent: string;
  /** Undefined for the default method. */
  readonly method: string | undefined;
  /** The deadline when the caller names none. */
  readonly timeoutMs: number;
}

export interface DispatcherParts extends CallsParts {
  directory: Directory;
  /** An actor of this process that may take a call without the network. */
  local?: ((agent: string) => Actor | undefined) | undefined;
}

/** Turns calls into requests, and sends each by the way that suits it. */
export class Dispatcher {
  private readonly parts: DispatcherParts;
  private readonly calls: Calls;
  private known: Promise<string[]> | undefined;
  private knownUntil = 0;

  constructor(parts: DispatcherParts) {
    this.parts = parts;
    this.calls = new Calls(parts);
  }

  /** Rejects with a MeshError, bad options included. */
  unary(
    callee: Callee,
    input: unknown,
    options: CallOptions | undefined,
    inherited: Inherited | undefined,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const request = this.request(callee, input, options, inherited);
      const actor = this.parts.local?.(callee.agent);
      if (actor) return new LocalCall(request, request.timeoutMs, resolve, reject).begin(actor);
      new UnaryCall(this.calls, request, resolve, (error) => this.explain(error, reject)).begin();
    });
  }

  /** The request is sent when the stream is first read. */
  stream(
    callee: Callee,
    input: unknown,
    options: StreamOptions | undefined,
    inherited: Inherited | undefined,
  ): MeshStream<unknown> {
    const request = (): Request => this.request(callee, input, options, inherited);
    return new LazyStream(this.calls, request, (error, done) => this.explain(error, done));
  }

  close(): void {
    this.calls.close();
  }

  private request(
    { agent, method, timeoutMs }: Callee,
    input: unknown,
    options: StreamOptions | undefined,
    inherited: Inherited | undefined,
  ): Request {
    const { clock, subjects } = this.parts;
    const now = clock.now();
    let deadlineAt = now + (options?.timeout === undefined ? timeoutMs : toMs(options.timeout, "timeout"));
    let signal = options?.signal;
    if (inherited) {
      deadlineAt = Math.min(deadlineAt, inherited.deadlineAt);
      signal = signal ? AbortSignal.any([signal, inherited.signal]) : inherited.signal;
    }
    return {
      agent,
      method,
      subject: method === undefined ? subjects.agent(agent) : subjects.method(agent, method),
      input,
      deadlineAt,
      timeoutMs: deadlineAt - now,
      signal,
      idempotencyKey: options?.idempotencyKey,
      chain: inherited?.chain,
      trace: inherited?.trace,
      typed: options?.typed ?? false,
      window: options?.window,
    };
  }

  /** Adds to "nobody listens" the names that do exist and look alike. */
  private explain(error: MeshError, done: (error: MeshError) => void): void {
    const { agent } = error;
    const isNobody = error.code === "unavailable" && error.replica === undefined && agent !== undefined;
    if (!isNobody || this.parts.transport.status !== "connected") return done(error);
    void this.names().then((known) => done(withHint(error, agent, known, this.parts.subjects.root)));
  }

  private names(): Promise<string[]> {
    const now = this.parts.clock.now();
    if (!this.known || now >= this.knownUntil) {
      this.knownUntil = now + SUGGEST_FOR_MS;
      this.known = this.parts.directory.discover(undefined, SUGGEST).then(
        (agents) => agents.map(({ name }) => name),
        () => [],
      );
    }
    return this.known;
  }
}

function withHint(error: MeshError, agent: string, known: readonly string[], root: string): MeshError {
  const others = known.filter((name) => name !== agent);
  const alike = nearest(agent, others);
  let hint = `No agent is on this mesh (root "${root}"): is a node running?`;
  if (alike.length > 0) hint = `Did you mean ${alike.map((name) => `"${name}"`).join(" or ")}?`;
  else if (others.length > 0) hint = `Agents on this mesh: ${others.slice(0, 10).join(", ")}.`;
  const { message, retryable, method, attempt } = error;
  return new MeshError("unavailable", `${message} ${hint}`, {
    retryable,
    agent,
    method,
    attempt,
    details: { alike, known: others },
  });
}
