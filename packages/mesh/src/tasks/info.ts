import { textOf } from "../protocol/body.ts";
import type { Failure } from "../protocol/failure.ts";
import type { ReplyMetadata } from "../protocol/metadata.ts";
import type { Subjects } from "../protocol/subjects.ts";
import type { Queued } from "../transport/store.ts";
import { type TaskAttempt, type TaskRecord, type TaskState, waitingRecord } from "./record.ts";
import type { DeadLetter } from "./dead-letters.ts";
import { headOf, inputOf } from "./task-message.ts";

/** A task as it is now. Times are milliseconds since 1970. */
export interface TaskInfo {
  readonly id: string;
  readonly agent: string;
  /** Undefined for the default one. */
  readonly method: string | undefined;
  readonly state: TaskState;
  readonly queuedAt: number;
  readonly endedAt: number | undefined;
  readonly tags: readonly string[];
  readonly attempts: readonly TaskAttempt[];
  /** What its handler has said last. */
  readonly progress: unknown;
  /** What the last attempt has failed with. */
  readonly error: Failure | undefined;
  /** What goes with the result. */
  readonly metadata: ReplyMetadata | undefined;
  /** Its place in the queue, where that is known. */
  readonly sequence: number | undefined;
}

/** A task that has failed for good. */
export interface DeadTask extends TaskInfo {
  readonly input: unknown;
}

export function deadTaskOf({ record, payload }: DeadLetter): DeadTask {
  return { ...infoOf(record), input: inputIn(payload) };
}

/** What cannot be read is told as text. */
function inputIn(payload: Uint8Array): unknown {
  try {
    return inputOf(payload, () => ({ kind: "other" }));
  } catch {
    return textOf(payload);
  }
}

export function infoOf(record: TaskRecord): TaskInfo {
  const { id, agent, method, state, queuedAt, endedAt, tags, attempts } = record;
  const { progress, error, metadata, sequence } = record;
  return { id, agent, method, state, queuedAt, endedAt, tags, attempts, progress, error, metadata, sequence };
}

/** One that nobody has begun. */
export function queuedInfo(queued: Queued, subjects: Subjects): TaskInfo {
  const head = headOf(queued, subjects.task(""));
  return infoOf(waitingRecord(head, queued.queuedAt, queued.sequence));
}
