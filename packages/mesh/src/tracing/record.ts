import type { SpanFields } from "../contract/span.ts";
import type { ErrorCode } from "../errors.ts";

interface Recorded {
  /** 32 hexadecimal digits. */
  readonly trace: string;
  /** The span that caused it: 16 hexadecimal digits; undefined for the first of a trace. */
  readonly parent?: string | undefined;
  /** When it came, or began, in milliseconds since 1970 by the clock of its node. */
  readonly at: number;
  /** An error's sentence. */
  readonly message?: string | undefined;
}

/** A request at a replica. */
export interface RequestRecord extends Recorded {
  readonly kind: "request";
  readonly id: string;
  /** Its own: what it has caused names it. */
  readonly span: string;
  /** `agent.method` */
  readonly target: string;
  readonly replica: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** The same on every attempt at the same work; undefined when it was given none. */
  readonly key?: string | undefined;
  /** How often it had been moved when it came. */
  readonly moves: number;
  /** Milliseconds, here and in the replicas that had it before. */
  readonly waitedMs: number;
  /** Undefined when its handler was not called. */
  readonly ranMs?: number | undefined;
  readonly outcome: "ok" | ErrorCode | "waiting" | "running" | "moved";
  readonly movedTo?: string | undefined;
  /** `hit`, `stale` or `joined`: its answer was not made for it. */
  readonly cache?: string | undefined;
  readonly session?: string | undefined;
  readonly task?: string | undefined;
}

/** An attempt that has failed, as the node that made it saw that. */
export interface AttemptRecord extends Recorded {
  readonly kind: "attempt";
  readonly id?: string | undefined;
  readonly target: string;
  /** Undefined when nobody has said to hold it. */
  readonly replica?: string | undefined;
  readonly attempt: number;
  readonly outcome: ErrorCode;
  /** It was sent again. */
  readonly again: boolean;
}

/** A piece of a handler's work, such as a call of a model. */
export interface SpanRecord extends Recorded {
  readonly kind: "span";
  readonly span: string;
  readonly name: string;
  readonly tookMs: number;
  readonly outcome: "ok" | ErrorCode;
  readonly fields: SpanFields;
}

/** A call whose span is between two requests: what it has caused belongs to whatever has caused it. */
export interface CallRecord extends Recorded {
  readonly kind: "call";
  readonly span: string;
}

export type TraceRecord = RequestRecord | AttemptRecord | SpanRecord | CallRecord;
