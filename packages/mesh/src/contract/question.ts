import type { Duration } from "../duration.ts";
import { MeshError } from "../errors.ts";
import { asMeshError } from "../protocol/failure.ts";

/** What a handler asks its caller in mid-flight. Fields beside the prompt reach the caller as they are. */
export interface Question {
  /** What is to be answered. Not empty. */
  readonly prompt: string;
  /** The agent that asks. Default: the one whose handler it is. */
  readonly agent?: string;
  readonly [field: string]: unknown;
}

/** How long a handler waits for an answer. */
export interface AskOptions {
  /** Default `"60s"`; at most what the request has left. */
  timeout?: Duration;
  /** Withdraws the question when it fires. */
  signal?: AbortSignal;
}

/** What goes with a question. */
export interface Asking {
  /** Milliseconds within which an answer is of use. */
  readonly timeoutMs: number;
  /** Fires when nobody waits for the answer any more: in time answered or not, the question is over. */
  readonly signal: AbortSignal;
}

/**
 * Answers the questions of whoever works on a call. What it throws reaches the handler as its question's error: a MeshError
 * as it is, anything else as `unavailable`.
 */
export type OnAsk = (question: Question, asking: Asking) => string | Promise<string>;

/**
 * Why a caller gives no answer, as the handler gets it. It says nothing of the handler's own work: neither that it has
 * failed, nor that another replica should do it.
 */
export function refusalOf(thrown: unknown): MeshError {
  const { code, message } = asMeshError(thrown);
  const isOwn = code === "internal" || code === "replica_lost";
  return new MeshError(isOwn ? "unavailable" : code, message, { retryable: false, cause: thrown });
}
