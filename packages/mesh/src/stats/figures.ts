import type { ErrorCode } from "../errors.ts";
import type { Times } from "./times.ts";

/** What replicas that have gone have done, together: their counts stay. No replica's id is like it. */
export const GONE = "gone";

/** What a node knows of itself. Counts are of its whole life, and so never fall; the rest is as it is now. */
export interface NodeFigures {
  readonly node: string;
  readonly uptimeMs: number;
  readonly connection: ConnectionFigures;
  readonly process: ProcessFigures;
  /** In the order in which they have started; after them, under the name `gone`, one for each agent that had others. */
  readonly replicas: readonly ReplicaFigures[];
}

export interface ConnectionFigures {
  readonly isConnected: boolean;
  /** Times that it was lost and is back. */
  readonly reconnects: number;
}

/** Of the whole process, whatever else there is in it. */
export interface ProcessFigures {
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  /** How late timers were in the last second or so; null before the first. */
  readonly loopLag: LoopLagFigures | null;
}

/** In milliseconds. */
export interface LoopLagFigures {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface ReplicaFigures {
  readonly agent: string;
  /** Its id, or `gone`. */
  readonly replica: string;
  /** Null for those that have gone. */
  readonly now: PresentFigures | null;
  readonly restarts: number;
  readonly moved: MovedFigures;
  /** Attempts at durable tasks, by what has become of the task. */
  readonly tasks: TaskFigures;
  /** Requests that reached no method, by their errors: there is none of that name, or they could not be read. */
  readonly unserved: ErrorFigures;
  readonly methods: readonly ServedFigures[];
  /** Null for agents that are no supervisors. */
  readonly supervisor: SupervisorFigures | null;
}

/** Requests that have moved between replicas of a pool. */
export interface MovedFigures {
  /** From here to others. */
  readonly away: number;
  /** Those of them that a replica which had time came for. The others were offered. */
  readonly stolen: number;
  /** From others to here. */
  readonly here: number;
}

export interface PresentFigures {
  readonly slots: number;
  /** Handlers that run. */
  readonly running: number;
  /** Requests in the mailbox. */
  readonly waiting: number;
  /** Age of the one that has run, and that has waited, for the longest; null without one. */
  readonly oldestRunningMs: number | null;
  readonly oldestWaitingMs: number | null;
  /** Sessions in memory. */
  readonly sessions: number;
}

export interface TaskFigures {
  readonly done: number;
  /** They have failed, and are tried again. */
  readonly retried: number;
  readonly dead: number;
}

export type ErrorFigures = Readonly<Partial<Record<ErrorCode, number>>>;

/** What a method has been asked for. Each request is counted once, when it ends, by how. */
export interface ServedFigures {
  readonly method: string;
  /** `ok`, `degraded`, and all of `errors`. */
  readonly ended: number;
  readonly ok: number;
  /** Answered with the next best. */
  readonly degraded: number;
  /** `deadline_exceeded` had no time left, `overloaded` was shed, and `cancelled` was given up by its caller. */
  readonly errors: ErrorFigures;
  /** From start to end, of those whose handler was called. */
  readonly running: Times;
  /** For a slot, of all that have ended. */
  readonly waiting: Times;
  /** Null where no answers are kept. Each request is counted once, by how it got its answer. */
  readonly cache: CacheCounts | null;
  /** Of language models, by this very agent. */
  readonly usage: UsageFigures;
}

export interface CacheCounts {
  readonly hits: number;
  readonly stale: number;
  readonly joined: number;
  readonly misses: number;
}

export interface UsageFigures {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** US dollars, as far as prices are known. */
  readonly cost: number;
}

/** Since its actor has last begun anew. */
export interface SupervisorFigures {
  /** Times that the next target was asked after one, or in its place. */
  readonly fallbacks: number;
  readonly targets: readonly TargetFigures[];
}

export interface TargetFigures {
  readonly agent: string;
  /** Undefined without one. */
  readonly breaker: "closed" | "open" | "half-open" | undefined;
  readonly attempts: number;
  readonly failures: number;
  readonly retries: number;
  readonly hedges: number;
}
