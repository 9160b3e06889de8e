import { type Encoding, decodeBody, decodeMsgpack, encodeShared } from "../protocol/body.ts";
import type { MeshError } from "../errors.ts";
import { type Failure, failureOf } from "../protocol/failure.ts";
import type { ReplyMetadata } from "../protocol/metadata.ts";

/**
 * - `queued`: nobody has begun it, or somebody has just done so.
 * - `running`: somebody has been at it for a tenth of a second.
 * - `retrying`: an attempt has failed, and another will follow.
 * - `done`: its result is kept.
 * - `dead`: it has failed for good, and is a dead letter.
 * - `cancelled`, `expired`: it has ended without a result, because nobody wanted it any more, or in time.
 */
export type TaskState = "queued" | "running" | "retrying" | "done" | "dead" | "cancelled" | "expired";

const ENDED: ReadonlySet<TaskState> = new Set(["done", "dead", "cancelled", "expired"]);

/** One try at a task. */
export interface TaskAttempt {
  readonly replica: string;
  /** When it began: milliseconds since 1970. */
  readonly at: number;
  /** Undefined while it runs, and where its process has died. */
  readonly tookMs?: number | undefined;
  readonly error?: Failure | undefined;
}

/** A result as it is kept. */
export interface KeptValue {
  readonly encoding: Encoding;
  /** Undefined for a large one, which is an object of the same name as the task. */
  readonly bytes?: Uint8Array | undefined;
}

/** What is known of a task. */
export interface TaskRecord {
  readonly id: string;
  readonly agent: string;
  /** Undefined for the default one. */
  readonly method?: string | undefined;
  readonly state: TaskState;
  /** Milliseconds since 1970, as all times here. */
  readonly queuedAt: number;
  /** Its place in the queue; undefined until that is known. */
  readonly sequence?: number | undefined;
  readonly tags: readonly string[];
  readonly attempts: readonly TaskAttempt[];
  /** What its handler has said last. */
  readonly progress?: unknown;
  readonly value?: KeptValue | undefined;
  /** What goes with the result. */
  readonly metadata?: ReplyMetadata | undefined;
  readonly error?: Failure | undefined;
  readonly endedAt?: number | undefined;
}

/** Whose work a task is. */
export type TaskHead = Pick<TaskRecord, "id" | "agent" | "method" | "tags">;

/** One that nobody has begun. */
export function waitingRecord(
  { id, agent, method, tags }: TaskHead,
  queuedAt: number,
  sequence?: number,
): TaskRecord {
  return { id, agent, method, tags, state: "queued", queuedAt, sequence, attempts: [] };
}

const LONGEST_MESSAGE = 4_096;
const MOST_DETAILS_BYTES = 16_384;

/** An error as it is kept: details that are too much, or that cannot be written, are left out. */
export function keptFailure(error: MeshError): Failure {
  const failure = failureOf(error);
  const brief = { ...failure, message: failure.message.slice(0, LONGEST_MESSAGE) };
  try {
    if (encodeShared(failure.details).length <= MOST_DETAILS_BYTES) return brief;
  } catch {
    // What has no MessagePack form.
  }
  return { ...brief, details: undefined };
}

export function hasEnded({ state }: Pick<TaskRecord, "state">): boolean {
  return ENDED.has(state);
}

/** @throws MeshError `bad_request` for progress that cannot be kept */
export function encodeRecord(record: TaskRecord): Uint8Array {
  return Uint8Array.from(encodeShared(record));
}

/** @throws MeshError `bad_request` for bytes that are none */
export function decodeRecord(bytes: Uint8Array): TaskRecord {
  return decodeMsgpack(bytes) as TaskRecord;
}

/** @param large bytes of a large one */
export function valueOf({ encoding, bytes }: KeptValue, large?: Uint8Array): unknown {
  return decodeBody(encoding, bytes ?? large ?? new Uint8Array(0));
}
