import type { Cancellable, ChunkSink, Inbound, Work } from "../actor/inbound.ts";
import type { Clock } from "../clock.ts";
import { MeshError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { encodeBody } from "../protocol/body.ts";
import { type Failure, asMeshError } from "../protocol/failure.ts";
import type { ReplyMetadata } from "../protocol/metadata.ts";
import type { PlainShape } from "../protocol/plain.ts";
import type { Priority } from "../protocol/priority.ts";
import { newRequestId, requestIdText } from "../protocol/request-id.ts";
import type { Trace } from "../protocol/trace.ts";
import type { Delivery } from "../transport/store.ts";
import { type DeadLetters, letterOf } from "./dead-letters.ts";
import { type TaskAttempt, type TaskHead, type TaskRecord, keptFailure, waitingRecord } from "./record.ts";
import type { Found, Records } from "./records.ts";
import { TaskLog } from "./task-log.ts";
import { type TaskTerms, inputOf } from "./task-message.ts";
import { verdictOn } from "./verdict.ts";

/** A task that has run for so long is written down as running. */
const NOTED_AFTER_MS = 100;
/** How far it is, is written down that often. */
const NOTED_EVERY_MS = 1_000;
/** When what became of a task can nowhere be kept. */
const HOPELESS_MS = 600_000;

/** Attempts, by what has become of the task: it was done, or is tried again, or is a dead letter. */
export interface TaskCounts {
  done: number;
  retried: number;
  dead: number;
}

export interface TaskRunParts {
  readonly head: TaskHead;
  readonly terms: TaskTerms;
  readonly delivery: Delivery;
  /** What was known of it before; of revision 0 when that is not written down. */
  readonly known: Found;
  readonly replica: string;
  /** Milliseconds that this attempt may take. */
  readonly remainingMs: number;
  readonly mostAttempts: number;
  readonly records: Records;
  readonly letters: DeadLetters;
  readonly counts: TaskCounts;
  readonly clock: Clock;
  readonly log: Logger;
  /** It is nobody's work here any more: it has been written down, or given back. */
  readonly onSettled: (run: TaskRun) => void;
  /** The actor has done with it. */
  readonly onReturned: (run: TaskRun) => void;
}

/** A task at the replica that works on it: a request of nobody, whose answer is written down. */
export class TaskRun implements Inbound, ChunkSink {
  readonly remainingMs: number;
  readonly attempt: number;
  readonly chain: readonly string[] = [];
  readonly idempotencyKey: string;
  readonly trace: Trace | undefined;
  readonly retries = undefined;
  readonly undegraded = false;
  readonly priority: Priority;
  readonly session: string | undefined;
  /** All tasks share the turns of one caller. */
  readonly sender = "tasks";
  readonly from = 0;
  /** Set while the actor has it. */
  job: (Cancellable & { readonly waitsForSession: boolean }) | undefined;
  private readonly parts: TaskRunParts;
  private readonly book: TaskLog;
  private readonly chunks: unknown[] = [];
  private requestId: string | undefined;
  private begunAt: number | undefined;
  private lastProgress: unknown;
  private isDirty = false;
  private isOver = false;
  private stopNoting: (() => void) | undefined;

  constructor(parts: TaskRunParts) {
    const { head, terms, known } = parts;
    this.parts = parts;
    this.book = new TaskLog({ ...parts, id: head.id }, known);
    this.remainingMs = parts.remainingMs;
    this.attempt = known.record.attempts.length + 1;
    this.idempotencyKey = head.id;
    this.trace = terms.trace;
    this.priority = terms.priority;
    this.session = terms.session;
  }

  get id(): string {
    return (this.requestId ??= requestIdText(newRequestId()));
  }

  get task(): string {
    return this.parts.head.id;
  }

  get hasBegun(): boolean {
    return this.begunAt !== undefined;
  }

  get size(): number {
    return this.book.delivery.payload.length;
  }

  input(shape: () => PlainShape): unknown {
    const { known, terms } = this.parts;
    const { payload, queuedAt } = this.book.delivery;
    // It comes again, and is found to have expired.
    if (known.record.attempts.length === 0 && this.now - queuedAt >= terms.ttlMs)
      throw new MeshError("deadline_exceeded", `the task ${this.task} was not begun in its time.`);
    this.begunAt = this.now;
    return inputOf(payload, shape);
  }

  accepted(): void {
    this.stopNoting ??= this.parts.clock.after(NOTED_AFTER_MS, this.note);
  }

  sendable(value: unknown): void {
    encodeBody(value);
  }

  result(value: unknown, { metadata }: Pick<Work, "metadata">): undefined {
    const { encoding, bytes } = encodeBody(value);
    // A copy: the encoder uses its buffer again.
    const kept = { encoding, bytes: Uint8Array.from(bytes) };
    const isLarge = kept.bytes.length > this.parts.records.shelves.largeBytes;
    void this.settle(async () => {
      this.parts.counts.done++;
      if (isLarge) await this.book.until(() => this.putAside(kept.bytes));
      const value = isLarge ? { encoding } : kept;
      await this.book.conclude({
        ...this.withAttempt(),
        state: "done",
        value,
        metadata,
        endedAt: this.now,
      });
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
    const { mostAttempts } = this.parts;
    const verdict = verdictOn(error, hasBegun, this.attempt, mostAttempts);
    if (verdict.kind === "bury") return void this.settle(() => this.bury(error));
    const { afterMs } = verdict;
    if (verdict.kind === "give back") return void this.settle(() => this.book.giveBack(afterMs));
    const failure = keptFailure(error);
    void this.settle(() => {
      this.parts.counts.retried++;
      return this.book.tryAgain({ ...this.withAttempt(failure), state: "retrying", error: failure }, afterMs);
    });
  }

  closed(): void {
    this.stopNoting?.();
    this.parts.onReturned(this);
  }

  /** Nobody wants it any more, and that is written down. */
  drop(): void {
    this.job?.cancel(new MeshError("cancelled", `nobody wants the task ${this.task} any more.`));
  }

  working(): void {
    this.book.delivery.working();
  }

  /** NATS had thought that nobody works on it. */
  given(delivery: Delivery): void {
    this.book.delivery = delivery;
    delivery.working();
  }

  /** It is a dead letter. */
  async bury(error: MeshError): Promise<void> {
    this.parts.counts.dead++;
    const failure = keptFailure(error);
    const record = {
      ...this.withAttempt(failure),
      state: "dead",
      error: failure,
      endedAt: this.now,
    } as const;
    await this.book.until(async () => {
      if (!(await this.book.isOver())) await this.parts.letters.put(letterOf(record, this.book.delivery));
    });
    await this.book.conclude(record);
  }

  async expire(): Promise<void> {
    await this.book.conclude({ ...this.parts.known.record, state: "expired", endedAt: this.now });
  }

  /** Runs the last step; until it is done, the task is not let go of. */
  async settle(step: () => Promise<void>): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    this.stopNoting?.();
    try {
      await step();
    } catch (error) {
      this.parts.log.warn({ err: error, task: this.task }, "what became of a task cannot be written down");
      await this.buryPlainly(asMeshError(error));
    }
    this.parts.onSettled(this);
  }

  /** With nothing that might not fit. */
  private async buryPlainly({ code, message }: MeshError): Promise<void> {
    const reason = `its outcome cannot be kept: ${message}`.slice(0, 1_000);
    const error = { error: code, message: reason, retryable: false };
    const { record: known } = this.parts.known;
    const waiting = waitingRecord(known, known.queuedAt, known.sequence);
    const { attempts } = known;
    const record: TaskRecord = { ...waiting, attempts, state: "dead", error, endedAt: this.now };
    try {
      await this.book.until(() => this.parts.letters.put(letterOf(record, this.book.delivery)));
      await this.book.conclude(record);
    } catch (failure) {
      this.parts.log.error({ err: failure, task: this.task }, "a task can neither be ended nor buried");
      this.book.delivery.retry(HOPELESS_MS);
    }
  }

  private async putAside(bytes: Uint8Array): Promise<void> {
    await (await this.parts.records.shelves.results()).put(this.task, bytes);
  }

  private readonly note = (): void => {
    this.stopNoting = this.parts.clock.after(NOTED_EVERY_MS, this.note);
    if (!this.hasBegun || (this.book.isOpened && !this.isDirty)) return;
    this.isDirty = false;
    this.book.note({ ...this.withAttempt(), state: "running", progress: this.lastProgress });
  };

  /** What was known, and this attempt. */
  private withAttempt(error?: Failure): TaskRecord {
    const { known, replica } = this.parts;
    const { record } = known;
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
