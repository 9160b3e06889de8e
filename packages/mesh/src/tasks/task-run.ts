import type { Cancellable, ChunkSink, Inbound, Work } from "../actor/inbound.ts";
import type { Clock } from "../clock.ts";
import { MeshError, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { encodeBody } from "../protocol/body.ts";
import { type Failure, failureOf } from "../protocol/failure.ts";
import type { ReplyMetadata } from "../protocol/metadata.ts";
import type { PlainShape } from "../protocol/plain.ts";
import type { Priority } from "../protocol/priority.ts";
import { newRequestId, requestIdText } from "../protocol/request-id.ts";
import type { Trace } from "../protocol/trace.ts";
import type { Delivery } from "../transport/store.ts";
import { type DeadLetters, letterOf } from "./dead-letters.ts";
import { type TaskAttempt, type TaskHead, type TaskRecord, hasEnded } from "./record.ts";
import type { Records } from "./records.ts";
import { type TaskTerms, inputOf } from "./task-message.ts";
import { verdictOn } from "./verdict.ts";

/** A result that takes more is kept beside the records. */
const LARGE_BYTES = 262_144;
/** A task that has run for so long is written down as running. */
const NOTED_AFTER_MS = 100;
/** How far it is, is written down that often. */
const NOTED_EVERY_MS = 1_000;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

export interface TaskRunParts {
  readonly head: TaskHead;
  readonly terms: TaskTerms;
  readonly delivery: Delivery;
  /** What was known of it before. */
  readonly record: TaskRecord;
  /** 0 when that is not written down. */
  readonly revision: number;
  readonly replica: string;
  /** Milliseconds that this attempt may take. */
  readonly remainingMs: number;
  readonly mostAttempts: number;
  readonly records: Records;
  readonly letters: DeadLetters;
  readonly clock: Clock;
  readonly log: Logger;
  /** It is nobody's work here any more: it has been written down, or given back. */
  readonly onSettled: (run: TaskRun) => void;
  /** The actor has done with it. */
  readonly onReturned: (run: TaskRun) => void;
}

/**
 * A task at the replica that works on it: a request of nobody, whose answer is written down.
 *
 * J6: a task is acknowledged when what has become of it is kept, and not before.
 * J7: of several that have worked on one task, one writes down what has become of it.
 */
export class TaskRun implements Inbound, ChunkSink {
  readonly remainingMs: number;
  readonly attempt: number;
  readonly chain: readonly string[] = [];
  readonly idempotencyKey: string;
  readonly trace: Trace | undefined;
  readonly retries = undefined;
  readonly undegraded = false;
  readonly priority: Priority;
  /** All tasks share the turns of one caller. */
  readonly sender = "tasks";
  readonly from = 0;
  readonly id: string = requestIdText(newRequestId());
  /** Set while the actor has it. */
  job: Cancellable | undefined;
  private readonly parts: TaskRunParts;
  private revision: number;
  private begunAt: number | undefined;
  private lastProgress: unknown;
  private isDirty = false;
  private isOver = false;
  private isDropped = false;
  private stopNoting: (() => void) | undefined;
  /** Writes one after the other. */
  private writing: Promise<void> = Promise.resolve();
  private readonly chunks: unknown[] = [];

  constructor(parts: TaskRunParts) {
    this.parts = parts;
    this.revision = parts.revision;
    this.remainingMs = parts.remainingMs;
    this.attempt = parts.record.attempts.length + 1;
    this.idempotencyKey = parts.head.id;
    this.trace = parts.terms.trace;
    this.priority = parts.terms.priority;
  }

  get task(): string {
    return this.parts.head.id;
  }

  get hasBegun(): boolean {
    return this.begunAt !== undefined;
  }

  get size(): number {
    return this.parts.delivery.payload.length;
  }

  input(shape: () => PlainShape): unknown {
    this.begunAt = this.now;
    return inputOf(this.parts.delivery.payload, shape);
  }

  accepted(): void {
    this.stopNoting ??= this.parts.clock.after(NOTED_AFTER_MS, this.note);
  }

  result(value: unknown, { metadata }: Pick<Work, "metadata">): undefined {
    const { encoding, bytes } = encodeBody(value);
    const kept = { encoding, bytes: Uint8Array.from(bytes) };
    const isLarge = kept.bytes.length > LARGE_BYTES;
    void this.settle(async () => {
      if (isLarge)
        await this.store((shelves) => shelves.results().then((all) => all.put(this.task, kept.bytes)));
      const value = isLarge ? { encoding } : kept;
      await this.conclude({ ...this.withAttempt(), state: "done", value, metadata, endedAt: this.now });
    });
  }

  openStream(): ChunkSink {
    return this;
  }

  ready(): undefined {}

  /** Chunks are how far it is; all of them are the result. */
  send(chunk: unknown): void {
    this.chunks.push(chunk);
    this.progress(chunk);
  }

  end(metadata: ReplyMetadata | undefined): void {
    this.result(this.chunks, { metadata });
  }

  progress(value: unknown): void {
    this.lastProgress = value;
    this.isDirty = true;
    this.parts.records.tell(this.task, { state: "running", progress: value });
  }

  error(error: MeshError, hasBegun: boolean): void {
    // Whoever has dropped it has written that down.
    if (this.isDropped) return void this.settle(async () => this.parts.delivery.ack());
    const { mostAttempts, record } = this.parts;
    const verdict = verdictOn(error, hasBegun, record.attempts.length + 1, mostAttempts);
    if (verdict.kind === "bury") return void this.settle(() => this.bury(error));
    if (verdict.kind === "give back") return void this.settle(() => this.giveBack(verdict.afterMs));
    void this.settle(() => this.tryAgain(error, verdict.afterMs));
  }

  closed(): void {
    this.stopNoting?.();
    this.parts.onReturned(this);
  }

  /** Nobody wants it any more, and that is written down. */
  drop(): void {
    this.isDropped = true;
    this.job?.cancel(new MeshError("cancelled", `nobody wants the task ${this.task} any more.`));
  }

  working(): void {
    this.parts.delivery.working();
  }

  /** It has not been begun here, and will not be. */
  async giveBack(afterMs: number): Promise<void> {
    // What was written down as an attempt was none.
    if (this.revision > 0) await this.parts.records.write(this.parts.record, this.revision).catch(() => {});
    this.parts.delivery.retry(afterMs);
  }

  /** It is a dead letter. */
  async bury(error: MeshError): Promise<void> {
    const failure = failureOf(error);
    const record = {
      ...this.withAttempt(failure),
      state: "dead",
      error: failure,
      endedAt: this.now,
    } as const;
    await this.store(() => this.parts.letters.put(letterOf(record, this.parts.delivery)));
    await this.conclude(record);
  }

  async expire(): Promise<void> {
    await this.conclude({ ...this.parts.record, state: "expired", endedAt: this.now });
  }

  /** Runs the last step; until it is done, the task is not let go of. */
  async settle(step: () => Promise<void>): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    this.stopNoting?.();
    try {
      await this.writing;
      await step();
    } catch (error) {
      this.parts.log.warn({ err: error, task: this.task }, "what became of a task was not written down");
    }
    this.parts.onSettled(this);
  }

  private async tryAgain(error: MeshError, afterMs: number): Promise<void> {
    const failure = failureOf(error);
    const record: TaskRecord = { ...this.withAttempt(failure), state: "retrying", error: failure };
    await this.store(async () => {
      const revision = await this.parts.records.write(record, this.revision);
      if (revision === undefined) await this.look();
      else this.revision = revision;
      return revision !== undefined;
    });
    this.parts.records.tell(this.task, { state: "retrying" });
    this.parts.delivery.retry(afterMs);
  }

  /** J6, J7 */
  private async conclude(record: TaskRecord): Promise<void> {
    await this.store(async () => {
      if ((await this.parts.records.write(record, this.revision)) !== undefined) return true;
      // Somebody has written since: it may have been this very word, or that nobody wants it any more.
      const present = await this.look();
      return present !== undefined && hasEnded(present);
    });
    this.parts.delivery.ack();
    this.parts.records.tell(this.task, { state: record.state });
  }

  private async look(): Promise<TaskRecord | undefined> {
    const found = await this.parts.records.find(this.task);
    this.revision = found?.revision ?? 0;
    return found?.record;
  }

  /** Until it works: the task is this replica's for as long as it says so. */
  private async store(step: (shelves: Records["shelves"]) => Promise<unknown>): Promise<void> {
    const { clock, log, records } = this.parts;
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)) {
      try {
        if ((await step(records.shelves)) !== false) return;
      } catch (error) {
        if (error instanceof MeshError && !error.retryable) throw error;
        log.debug({ reason: messageOf(error), task: this.task }, "a task's outcome waits for the store");
      }
      await new Promise<void>((resolve) => clock.after(waitMs, resolve));
    }
  }

  /** That it runs, and how far it is. A courtesy: what fails here is written down later, or not at all. */
  private readonly note = (): void => {
    this.stopNoting = this.parts.clock.after(NOTED_EVERY_MS, this.note);
    if (this.begunAt === undefined || (this.revision > this.parts.revision && !this.isDirty)) return;
    this.isDirty = false;
    const record: TaskRecord = { ...this.withAttempt(), state: "running", progress: this.lastProgress };
    this.writing = this.parts.records
      .write(record, this.revision)
      .then((revision) => {
        this.revision = revision ?? this.revision;
      })
      .catch(() => {});
  };

  /** What was known, and this attempt. */
  private withAttempt(error?: Failure): TaskRecord {
    const { record, replica } = this.parts;
    if (this.begunAt === undefined) return record;
    const tookMs = this.isOver ? this.now - this.begunAt : undefined;
    const brief = error && { ...error, details: undefined };
    const attempt: TaskAttempt = { replica, at: this.begunAt, tookMs, error: brief };
    return { ...record, attempts: [...record.attempts, attempt] };
  }

  private get now(): number {
    return this.parts.records.shelves.store.now();
  }
}
