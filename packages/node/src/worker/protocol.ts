import type {
  Duration,
  KeptAnswer,
  Memory,
  Question as Prompt,
  ReplyMetadata,
  RequestInfo,
  Session,
} from "@shoal/mesh";
import type { Thrown } from "./thrown.ts";

/**
 * What passes between a replica, on the main thread, and the thread of its handlers. Both sides ask work of the other
 * in the same way: the replica has handlers run, and a handler has calls made. All of it is copied by structured clone.
 */

/** What a thread is started with. */
export interface Boot {
  /** What `import` takes: a URL, or a package that `@shoal/node` sees. */
  readonly module: string;
  /** Undefined: the export whose contract has the agent's name. */
  readonly export: string | undefined;
  /** The agent's name in its module: it may be served under another. */
  readonly name: string;
  readonly replica: string;
}

/** Each is answered by one `Answer` of its number, but for `abort`. */
export type Question<W> =
  | Begin<W>
  /** The next chunk. */
  | { readonly type: "next"; readonly id: number }
  /** No more chunks: answered when the generator has ended. */
  | { readonly type: "leave"; readonly id: number }
  | { readonly type: "abort"; readonly id: number; readonly reason: Thrown };

/** A stream's is answered by its first chunk. */
export interface Begin<W> {
  readonly type: "begin";
  readonly id: number;
  readonly isStream: boolean;
  readonly work: W;
}

export type Answer =
  | ({ readonly type: "value"; readonly id: number; readonly value: unknown } & Beside)
  | { readonly type: "chunk"; readonly id: number; readonly value: unknown }
  | ({ readonly type: "end"; readonly id: number } & Beside)
  | { readonly type: "failed"; readonly id: number; readonly error: Thrown };

interface Beside {
  /** What goes with an answer: what a handler has `Left`, or who served a call. Undefined when there is none. */
  readonly beside: unknown;
}

/** A handler to run. */
export interface Run {
  /** The replica's number for it, which the handler's calls name. */
  readonly key: number;
  readonly method: string;
  /** Validated. */
  readonly input: unknown;
  readonly request: Omit<RequestInfo, "remainingMs">;
  readonly kept: KeptAnswer | undefined;
  /** By the clock that all threads share. */
  readonly deadlineAt: number;
  /** Undefined when it belongs to none. */
  readonly session: SessionIn | undefined;
}

/** A session as a handler gets it. */
export type SessionIn = Pick<Session, "id" | "state" | "isNew">;

/** What a handler has left, beside its answer. */
export interface Left {
  readonly metadata: ReplyMetadata | undefined;
  readonly session: { readonly state: unknown; readonly isCleared: boolean } | undefined;
}

/** A call to make for a handler. */
export interface Call {
  /** The `Run` that makes it. */
  readonly key: number;
  /** By name, or what there is to know of the method in its contract. */
  readonly target: string | Callee;
  readonly input: unknown;
  /** Those that can be copied. */
  readonly options: object;
  /** Instead of a call: what is to be done with the memory of the session, with its arguments as the input. */
  readonly memory?: keyof Memory;
  /** Instead of a call: the input is a question to the request's caller. */
  readonly isQuestion?: boolean;
  /** Names the call's own `onAsk`; without it, questions go to the request's caller. */
  readonly onAsk?: number | undefined;
}

/** A question to the `onAsk` of a handler's call. */
export interface Asked {
  readonly onAsk: number;
  readonly question: Prompt;
  readonly timeoutMs: number;
}

export interface Callee {
  readonly agent: string;
  readonly method: string;
  readonly idempotent: boolean | undefined;
  readonly resumable: boolean | undefined;
  readonly timeout: Duration | undefined;
}

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface LogLine {
  readonly level: LogLevel;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Fields that are errors. */
  readonly errors: Readonly<Record<string, Thrown>>;
  readonly message: string;
}

export type ToThread = Question<Run | Asked> | Answer | { readonly type: "stop" };

export type FromThread =
  | Question<Call>
  | Answer
  /** `state` and `onStart` have run. */
  | { readonly type: "ready" }
  | { readonly type: "unready"; readonly error: Thrown }
  /** `onStop` has run. */
  | { readonly type: "stopped"; readonly error: Thrown | undefined }
  | { readonly type: "log"; readonly line: LogLine }
  | { readonly type: "event"; readonly kind: string; readonly fields: object | undefined }
  /** How far a handler is. */
  | { readonly type: "progress"; readonly key: number; readonly value: unknown }
  /** The agent says that it cannot go on. */
  | { readonly type: "fault"; readonly error: Thrown }
  /** What the agent shows of its state. */
  | { readonly type: "shown"; readonly fields: Readonly<Record<string, unknown>> };
