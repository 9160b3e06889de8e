import type { Logger } from "../logger.ts";
import type { ReplyMetadata } from "../protocol/metadata.ts";
import type { Priority } from "../protocol/priority.ts";
import type { Trace } from "../protocol/trace.ts";
import type { Caller } from "./caller.ts";
import type { AskOptions, Question } from "./question.ts";
import type { Session } from "./session.ts";
import type { Span, SpanOptions } from "./span.ts";
import type { TokenBudget } from "./token-budget.ts";

/**
 * Publishes an event of an agent.
 * @param kind lower-case letters, digits and "-"
 * @param fields what goes with it, as JSON
 */
export type Emit = (kind: string, fields?: Readonly<Record<string, unknown>>) => void;

/** What a handler is told of the request that it serves. */
export interface RequestInfo {
  /** 32 hexadecimal digits, unique in the mesh; on every log line. */
  readonly id: string;
  readonly agent: string;
  readonly method: string;
  readonly replica: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** The same on every attempt at the same work. */
  readonly idempotencyKey: string;
  /** Agents that wait for this request, outermost first. */
  readonly chain: readonly string[];
  readonly trace: Trace;
  /** Milliseconds until the deadline; 0 when it has passed. */
  readonly remainingMs: number;
  /** Further attempts that the caller allows for this request's work; undefined: as many as one likes. */
  readonly retries: number | undefined;
  /** An answer that is not the real one is of no use to the caller. */
  readonly undegraded: boolean;
  /** The caller answers questions (`ctx.ask`). */
  readonly askable: boolean;
  /** Calls that the handler makes have it too, unless they name another. */
  readonly priority: Priority;
  /** Of a resumable stream: chunks that the caller has already. The first one to give is the next. */
  readonly from: number;
  /** The id of `ctx.session`; undefined when there is none. */
  readonly session: string | undefined;
  /** Tokens of language models that the caller allows; undefined: as many as it likes. */
  readonly tokens: number | undefined;
}

/** An answer of a while ago. */
export interface KeptAnswer {
  readonly value: unknown;
  readonly ageMs: number;
}

/**
 * A handler's second argument. Calls made through it inherit the request's deadline, signal, trace and chain.
 */
export interface Context<S = unknown, T = unknown> extends Caller {
  /** The replica's private state. */
  state: S;
  /**
   * The session that the request belongs to, with what is kept of it. @throws MeshError `bad_request` when it belongs to none,
   *   `internal` where the agent has no sessions
   */
  readonly session: Session<T>;
  /** What the request may use of language models: whoever asks one tells what that took. */
  readonly tokens: TokenBudget;
  /** Fires when the caller gave up, the deadline passed, or the replica must stop. */
  readonly signal: AbortSignal;
  /** Carries the request's and the trace's id. */
  readonly log: Logger;
  readonly request: RequestInfo;
  /**
   * Asks the caller something, and gives its answer. Several questions may wait at once. Calls that the handler makes pass
   * the questions of their handlers on to the same caller, unless they have an `onAsk` of their own. Rejects with a MeshError:
   * `unavailable` at once when the caller answers no questions (a plain request, a durable task, a call without `onAsk`),
   * `timeout` when it gives no answer in time, and whatever the request ends with when that comes first.
   */
  ask(question: string | Question, options?: AskOptions): Promise<string>;
  /** Says how far it is to whoever watches, where its work is a durable task; else nobody hears it. */
  progress(value: unknown): void;
  /** Goes with the answer: fields that are set before it is given reach the caller's `onServed`. */
  readonly metadata: ReplyMetadata;
  /**
   * The answer to this input that the replica has kept, and that is too old to be given as it is. Undefined when there is
   * none, and where no answers are kept.
   */
  readonly kept: KeptAnswer | undefined;
  /**
   * Begins a piece of the handler's work that is to be seen by itself: a span where OpenTelemetry is set up, and a line of
   * `shoal trace`. Whoever begins it ends it.
   * @param name short, and of few kinds: `"fetch page"`, not the page's address
   */
  span(name: string, options?: SpanOptions): Span;
  /** Publishes an event of this agent, for whoever watches (`shoal tail --events`). */
  readonly emit: Emit;
}
