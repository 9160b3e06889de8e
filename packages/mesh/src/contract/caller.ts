import type { Duration } from "../duration.ts";
import type { ChunkOf, Contract, InputOf, MethodContract, MethodContracts, OutputOf } from "./contract.ts";
import type { Degraded, ReplyMetadata } from "../protocol/metadata.ts";
import type { Priority } from "../protocol/priority.ts";
import type { Trace } from "../protocol/trace.ts";
import type { HedgeOptions, RetryOptions } from "../policy/options.ts";
import type { Agent } from "./agent.ts";
import type { OnAsk } from "./question.ts";
import type { Batch, BatchOptions, Items } from "../batch/options.ts";
import type { MeshError } from "../errors.ts";

/** What keeps a call alive when an attempt fails. The same as a supervisor's policies, for one call. */
export interface CallPolicies {
  /** Further attempts where they can help. A number is how many there are in all. Default: none. */
  retry?: RetryOptions | number;
  /**
   * Agents that are asked, in this order, when the one before fails: by contract, or by name. What may have been begun
   * goes to the next only where doing it twice does no harm (`idempotent`); what certainly was not goes there always.
   */
  fallback?: readonly (string | Contract | Agent)[];
  /**
   * A second attempt joins one that takes long, and the first answer counts. For idempotent methods only, those of
   * fallbacks that are given by contract included.
   */
  hedge?: HedgeOptions | boolean;
  /** How long one attempt may take. Default: what is left of its target's share: all share the time alike. */
  attemptTimeout?: Duration;
}

export interface CallOptions extends CallPolicies {
  /** How long to wait in all. Default: the method's own timeout, else 30 s (a stream: 10 minutes). */
  timeout?: Duration;
  /** Gives up, and tells the replica, when it fires. */
  signal?: AbortSignal;
  /** The same key means the same work, however often it is sent. Default: the request's id. */
  idempotencyKey?: string;
  /**
   * Doing the work twice does no harm: when the replica that holds it dies, it is sent to another. Default: what the
   * contract says, and those of all fallbacks that are given by contract; `false` for a call by name.
   */
  idempotent?: boolean;
  /**
   * The input is text as somebody typed it: the replica reads it as it reads what `nats req` sends. JSON where the
   * method takes JSON, else text. Default false.
   */
  typed?: boolean;
  /**
   * What goes first where requests wait: of 21 requests that are begun 16 are `high`, 4 `normal` and 1 `low`, while all of
   * these wait. Default: that of the request which is being served, else `normal`.
   */
  priority?: Priority;
  /**
   * The session that the request belongs to, of an agent that has sessions and does not name them itself. What one client
   * asks of a session is worked on in the order in which it was asked.
   */
  session?: string;
  /**
   * Tokens of language models that the request may use, with all that it leads to; a request that has none left ends with
   * `budget_exhausted`. Default: what is left to the request which is being served, else as many as it likes.
   */
  tokens?: number;
  /** `"never"`: an error rather than an answer that is not the real one. */
  degraded?: "never";
  /**
   * The trace that the call belongs to, as W3C Trace Context has it: for apps that get one from elsewhere. Default: that of
   * the request which is being served; and where an SDK of OpenTelemetry is registered, the present span comes before both.
   */
  trace?: Trace;
  /** Told who gave the answer, just before the caller gets it. */
  onServed?: (served: Served) => void;
  /**
   * Answers what those ask who work on the request (`ctx.ask`). It may be asked several things at once, and again when the
   * request is sent to another replica. Default: a handler's calls pass questions on to its own caller; else nobody answers.
   */
  onAsk?: OnAsk;
}

/** Who answered a request, and how. */
export interface Served {
  /** The agent that did the work: behind a supervisor, one of its targets. */
  readonly agent: string;
  /** Its replica's id; undefined when the responder is no part of the mesh. */
  readonly replica: string | undefined;
  /** The request's id: 32 hexadecimal digits, as in logs, and for `shoal trace`. */
  readonly request: string;
  /** 1 for the first; more when a replica was lost, or left before it had begun. A retry of a policy counts anew. */
  readonly attempt: number;
  /** Set when the answer is not the real one, but the next best. */
  readonly degraded: Degraded | undefined;
  /** All that came with the answer. */
  readonly metadata: Readonly<ReplyMetadata>;
}

export interface StreamOptions extends CallOptions {
  /**
   * Units of data that may be under way before the producer waits: a chunk costs 1, and 1 more for each 4 KiB.
   * Default 512, about 2 MiB. Less while many calls are open, and never over 4,096: all calls of a client share 16 MiB.
   */
  window?: number;
}

/** One attempt of several at the same work. */
export interface AttemptOptions extends StreamOptions {
  /** 1 for the first of those that a policy makes. */
  readonly trial?: number | undefined;
  /** Replicas that should leave it to another. */
  readonly avoid?: readonly string[] | undefined;
  /** Further attempts that whoever serves it may make. */
  readonly retries?: number | undefined;
  /** Chunks that the caller has already. */
  readonly from?: number | undefined;
  readonly isResumable?: boolean | undefined;
  /** Told who holds the request, when that is not known by its answer. */
  readonly onHeld?: ((replica: string) => void) | undefined;
}

/** Chunks in order. Leaving the loop early cancels the producer. The request is sent when iteration begins. */
export interface MeshStream<T> extends AsyncIterable<T> {
  /** Every chunk, in order. */
  collect(): Promise<T[]>;
}

type MethodHandle<M extends MethodContract> = M extends { chunk: object }
  ? (input: InputOf<M>, options?: StreamOptions) => MeshStream<ChunkOf<M>>
  : (input: InputOf<M>, options?: CallOptions) => Promise<OutputOf<M>>;

/** A method of a handle that gives one answer. */
export type UnaryMethod<I, O> = (input: I, options?: CallOptions) => Promise<O>;

/** A method of a handle that gives a stream. */
export type StreamMethod<I, C> = (input: I, options?: StreamOptions) => MeshStream<C>;

/** How a batch is run, and how each of its calls is made: `timeout` and the policies are for one call. */
export interface CallBatchOptions<I>
  extends BatchOptions, Omit<CallOptions, "signal" | "idempotencyKey" | "onServed"> {
  /** Gives each item a key of its own, the same whenever the batch is run again. Default: its request's id. */
  readonly idempotencyKey?: ((item: I, index: number) => string) | undefined;
  /** Told who gave each answer, just before the reader can get it. */
  readonly onServed?: ((served: Served, index: number) => void) | undefined;
}

/** An agent as an object of its methods. */
export type AgentHandle<M extends MethodContracts> = { readonly [K in keyof M]: MethodHandle<M[K]> };

/** Everything that can call agents: an app's client, and a handler's context. */
export interface Caller {
  /**
   * Typed access to an agent.
   * @param agent a contract, or an agent that was defined with its handlers
   */
  agent<M extends MethodContracts>(agent: Contract<M> | Agent<M>): AgentHandle<M>;
  /**
   * Calls by name: `"summarizer.summarize"`, or `"summarizer"` for its default method.
   * @throws MeshError (as a rejection) for every way a request can end badly
   */
  call(target: string, input?: unknown, options?: CallOptions): Promise<unknown>;
  /** Streams by name. Errors surface where the stream is consumed. */
  stream(target: string, input?: unknown, options?: StreamOptions): MeshStream<unknown>;
  /**
   * Makes the same call for many items, several at once, and gives one result for each, failures included.
   *
   *     for await (const { item, status } of mesh.batch("summarizer.summarize", texts, { timeout: "10s" })) …
   *
   * @param target a name, or a method of a handle: `mesh.agent(summarizer).summarize` gives typed results
   * @throws MeshError `bad_request` for a name that is none, and for options that make no sense
   */
  batch<I, O, T extends I>(
    target: UnaryMethod<I, O>,
    items: Items<T>,
    options?: CallBatchOptions<NoInfer<T>>,
  ): Batch<T, O, MeshError>;
  batch<I>(
    target: string,
    items: Items<I>,
    options?: CallBatchOptions<NoInfer<I>>,
  ): Batch<I, unknown, MeshError>;
}
