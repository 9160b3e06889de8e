import { type Duration, toMs } from "../duration.ts";
import { MeshError } from "../errors.ts";
import type { Priority } from "../protocol/priority.ts";

/** How a mesh keeps its tasks. All of its nodes should say the same: the last one to start decides. */
export interface TaskOptions {
  /** Servers that have a copy of each task and of each result. Default 1. */
  readonly replicas?: number;
  /** How long what has become of a task is kept, its result included. Default `"24h"`. */
  readonly retention?: Duration;
  /** How long a dead letter is kept. Default `"30d"`. */
  readonly deadRetention?: Duration;
  /** Tasks that may wait in all; one more is `overloaded`. Default 1,000,000. */
  readonly maxWaiting?: number;
  /** Tasks that may wait for one method. Default: as many as in all. */
  readonly maxWaitingPerMethod?: number;
  /** A worker that is silent about its task for so long has it no more: another gets it. At least 1 s. Default `"30s"`. */
  readonly ackWait?: Duration;
  /** Times that a task is tried before it is a dead letter. Default 5. */
  readonly attempts?: number;
}

/** How one task is kept. */
export interface SubmitOptions {
  /**
   * Names the work: what is submitted again under the same id is the same task, for as long as it waits, runs, or its
   * outcome is kept. 1 to 128 letters, digits, "_" and "-", and not digits alone. Default: a number that NATS gives it.
   */
  readonly id?: string;
  /** It is not begun before that. Default: at once. */
  readonly delay?: Duration;
  /** When it has not been begun by then, it never is. Default: it waits for as long as it takes. */
  readonly ttl?: Duration;
  /** Words to find it by. */
  readonly tags?: readonly string[];
  /** How long one attempt may take. Default: the method's own timeout. */
  readonly timeout?: Duration;
  /** What goes first where tasks and calls wait at a replica. Default `normal`. */
  readonly priority?: Priority;
  /** The session that it belongs to, of an agent that has sessions and does not name them itself. */
  readonly session?: string;
}

/** The same, in milliseconds and with defaults. */
export interface TaskSettings {
  readonly replicas: number;
  readonly retentionMs: number;
  readonly deadRetentionMs: number;
  readonly maxWaiting: number;
  readonly maxWaitingPerMethod: number | undefined;
  readonly ackWaitMs: number;
  readonly attempts: number;
}

const LEAST_ACK_WAIT_MS = 1_000;

/** @throws MeshError `bad_request` that names the option */
export function taskSettings(options: TaskOptions): TaskSettings {
  const { replicas = 1, retention = "24h", deadRetention = "30d" } = options;
  const { maxWaiting = 1_000_000, maxWaitingPerMethod, attempts = 5, ackWait = "30s" } = options;
  checkCount("tasks.replicas", replicas);
  checkCount("tasks.maxWaiting", maxWaiting);
  if (maxWaitingPerMethod !== undefined) checkCount("tasks.maxWaitingPerMethod", maxWaitingPerMethod);
  checkCount("tasks.attempts", attempts);
  return {
    replicas,
    retentionMs: toMs(retention, "tasks.retention"),
    deadRetentionMs: toMs(deadRetention, "tasks.deadRetention"),
    maxWaiting,
    maxWaitingPerMethod,
    ackWaitMs: Math.max(LEAST_ACK_WAIT_MS, toMs(ackWait, "tasks.ackWait")),
    attempts,
  };
}

const ID = /^[A-Za-z0-9_-]{1,128}$/;

export function isTaskId(id: string): boolean {
  return ID.test(id);
}

/** An id that somebody may choose: a number is the queue's. */
export function isChosenId(id: string): boolean {
  return ID.test(id) && !/^\d+$/.test(id);
}

/** @throws MeshError `bad_request` */
export function checkTaskId(id: string): void {
  if (isChosenId(id)) return;
  throw new MeshError(
    "bad_request",
    `task id ${JSON.stringify(id)} is not valid: use 1 to 128 letters, digits, "_" and "-", and not digits alone.`,
  );
}

/** @throws MeshError `bad_request` */
export function checkTags(tags: readonly string[]): void {
  for (const tag of tags) {
    if (/^[!-+\--~]{1,64}$/.test(tag)) continue;
    throw new MeshError(
      "bad_request",
      `tag ${JSON.stringify(tag)} is not valid: use 1 to 64 printable ASCII characters without space and ",".`,
    );
  }
}

function checkCount(what: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new MeshError("bad_request", `${what} is ${value}; it must be a whole number from 1.`);
}
