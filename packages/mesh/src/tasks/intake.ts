import type { Actor } from "../actor/actor.ts";
import type { Sharing } from "../actor/sharing.ts";
import type { Clock } from "../clock.ts";
import { MeshError } from "../errors.ts";
import { asMeshError } from "../protocol/failure.ts";
import type { Subjects } from "../protocol/subjects.ts";
import type { Delivery, QueueWorker } from "../transport/store.ts";
import type { Subscription, Transport } from "../transport/transport.ts";
import { DeadLetters } from "./dead-letters.ts";
import { type TaskSettings, taskSettings } from "./options.ts";
import { type TaskAttempt, type TaskRecord, waitingRecord } from "./record.ts";
import { type Found, Records } from "./records.ts";
import { claim } from "./claim.ts";
import type { Shelves } from "./shelves.ts";
import { type QueuedHead, type TaskTerms, headOf, termsOf } from "./task-message.ts";
import { type TaskCounts, TaskRun } from "./task-run.ts";

/** What a task for a method that is not there may take, to be told so. */
const UNKNOWN_METHOD_TIMEOUT_MS = 30_000;
/** When the store cannot be asked, a task comes again after that. */
const AGAIN_MS = 1_000;

export interface IntakeParts {
  readonly actor: Actor;
  readonly transport: Transport;
  readonly subjects: Subjects;
  readonly clock: Clock;
  readonly shelves: Shelves;
}

/**
 * A replica's hold on the tasks of its agent.
 *
 * J5: it has no more tasks than it has slots, those included that it has asked for, and beside them as many again that wait
 *     for their sessions.
 * J8: a task that has ended once is not begun again while its record is kept, though its worker died before it could
 *     say so.
 * J9: calls and tasks take turns: where calls wait, one task waits among them as if one more caller had sent it.
 */
export class Intake implements Sharing {
  readonly counts: TaskCounts = { done: 0, retried: 0, dead: 0 };
  private readonly parts: IntakeParts;
  private readonly records: Records;
  private readonly letters: DeadLetters;
  private readonly prefix: string;
  /** Tasks that the actor has, by id. */
  private readonly held = new Map<string, TaskRun>();
  /** Those that are not written down yet, the held ones included, by their place in the queue. */
  private readonly unsettled = new Map<number, TaskRun>();
  /** Tasks that are looked up before they are begun. */
  private looking = 0;
  private asked = 0;
  private worker: QueueWorker | undefined;
  private dropped: Subscription | undefined;
  private stopWorking: (() => void) | undefined;
  private whenSettled: (() => void)[] = [];
  private isLeaving = false;

  constructor(parts: IntakeParts) {
    const { shelves, transport, subjects } = parts;
    this.parts = parts;
    this.records = new Records(shelves, transport, subjects);
    this.letters = new DeadLetters(shelves);
    this.prefix = subjects.task("");
  }

  async open(): Promise<void> {
    const { actor, subjects, transport, shelves } = this.parts;
    const { name } = actor;
    const queue = await shelves.queue();
    this.dropped = transport.subscribe(subjects.dropped(name), ({ payload }) =>
      this.drop(Buffer.from(payload).toString()),
    );
    this.worker = await queue.worker(name, {
      subjects: [subjects.task(name), subjects.taskFor(name, "*")],
      ackWaitMs: this.settings.ackWaitMs,
      onMessage: (delivery) => {
        this.asked = Math.max(0, this.asked - 1);
        void this.take(delivery);
      },
      onMissed: (count) => {
        this.asked = Math.max(0, this.asked - count);
        this.update();
      },
    });
    // It may have been told to leave meanwhile.
    if (this.isLeaving) return this.worker.stop();
    this.update();
  }

  /** Asks for nothing more. */
  async leave(): Promise<void> {
    this.isLeaving = true;
    await this.worker?.stop();
  }

  /** Resolves when what has become of every task here is written down. */
  async settled(): Promise<void> {
    if (this.unsettled.size === 0 && this.looking === 0) return;
    await new Promise<void>((resolve) => this.whenSettled.push(resolve));
  }

  close(): void {
    this.isLeaving = true;
    void this.worker?.stop();
    this.dropped?.unsubscribe();
    this.stopWorking?.();
  }

  filled(): void {}

  freed(): void {
    this.update();
  }

  queued(): void {
    this.update();
  }

  lingered(): void {
    this.update();
  }

  /** J5, J9 */
  private update(): void {
    const { actor } = this.parts;
    if (this.isLeaving || !this.worker || actor.lives.isHeld) return;
    const here = this.held.size - this.waitingForSessions + this.looking;
    const wanted = actor.freeSlots > 0 ? actor.freeSlots - this.looking : Number(this.hasNoneWaiting);
    const more = Math.min(wanted - this.asked, actor.slots - here - this.asked);
    if (more <= 0) return;
    this.asked += more;
    this.worker.pull(more);
  }

  /** These hold no slot. As many as there are slots do not count. */
  private get waitingForSessions(): number {
    let count = 0;
    for (const { job } of this.held.values()) if (job?.waitsForSession) count++;
    return Math.min(count, this.parts.actor.slots);
  }

  private get hasPlace(): boolean {
    return this.parts.actor.freeSlots > this.looking || this.hasNoneWaiting;
  }

  /** Calls wait, and no task among them. */
  private get hasNoneWaiting(): boolean {
    const { actor } = this.parts;
    if (actor.waiting === 0 || this.looking > 0) return false;
    for (const run of this.held.values()) if (!run.hasBegun) return false;
    return true;
  }

  private async take(delivery: Delivery): Promise<void> {
    const head = headOf(delivery, this.prefix);
    const isFresh = delivery.deliveries === 1 && !head.isChosen;
    const record = waitingRecord(head, delivery.queuedAt, delivery.sequence);
    try {
      const terms = termsOf(delivery);
      const now = this.parts.shelves.store.now();
      const ageMs = Math.max(0, now - delivery.queuedAt);
      const present = this.unsettled.get(delivery.sequence);
      if (present) return present.given(delivery);
      if (ageMs < terms.delayMs) return delivery.retry(terms.delayMs - ageMs);
      // Calls have come meanwhile: another replica may have time.
      if (!this.hasPlace) return delivery.retry(0);
      if (isFresh) return this.begin(head, terms, delivery, { record, revision: 0 }, ageMs);
      this.looking++;
      const known = await claim(this.records, head.id, record, this.attempt).finally(() => this.looking--);
      if (known) this.begin(head, terms, delivery, known, ageMs);
      else delivery.ack();
    } catch (error) {
      this.fault(asMeshError(error), head, delivery, record);
    } finally {
      this.update();
      this.checkSettled();
    }
  }

  /** What cannot be read is a dead letter at once; what cannot be looked up comes again. */
  private fault(error: MeshError, head: QueuedHead, delivery: Delivery, record: TaskRecord): void {
    if (error.retryable) return delivery.retry(AGAIN_MS);
    const run = this.run(head, NO_TERMS, delivery, { record, revision: 0 });
    void run.settle(() => run.bury(error));
  }

  private begin(head: QueuedHead, terms: TaskTerms, delivery: Delivery, known: Found, ageMs: number): void {
    const { actor } = this.parts;
    const run = this.run(head, terms, delivery, known);
    if (known.record.attempts.length === 0 && ageMs >= terms.ttlMs)
      return void run.settle(() => run.expire());
    if (known.record.attempts.length >= this.settings.attempts)
      return void run.settle(() => run.bury(lost(known.record)));
    this.held.set(head.id, run);
    run.job = actor.offer(head.method, run);
  }

  private run(head: QueuedHead, terms: TaskTerms, delivery: Delivery, known: Found): TaskRun {
    const { actor, clock } = this.parts;
    const method = actor.methods.named(head.method);
    const timeoutMs = terms.timeoutMs ?? method?.timeoutMs ?? UNKNOWN_METHOD_TIMEOUT_MS;
    const run = new TaskRun({
      head,
      terms,
      delivery,
      known,
      replica: actor.replica,
      remainingMs: timeoutMs,
      mostAttempts: this.settings.attempts,
      records: this.records,
      letters: this.letters,
      counts: this.counts,
      clock,
      log: actor.log,
      onReturned: (each) => {
        if (this.held.get(each.task) === each) this.held.delete(each.task);
      },
      onSettled: (each) => {
        if (this.unsettled.get(delivery.sequence) === each) this.unsettled.delete(delivery.sequence);
        this.update();
        this.checkSettled();
      },
    });
    this.unsettled.set(delivery.sequence, run);
    this.keepWorking();
    return run;
  }

  private drop(id: string): void {
    this.held.get(id)?.drop();
  }

  /** Says of each task that it is worked on, for as long as there is one. */
  private keepWorking(): void {
    this.stopWorking ??= this.parts.clock.after(this.settings.ackWaitMs / 3, () => {
      this.stopWorking = undefined;
      for (const run of this.unsettled.values()) run.working();
      if (this.unsettled.size > 0) this.keepWorking();
    });
  }

  private checkSettled(): void {
    if (this.unsettled.size > 0 || this.looking > 0) return;
    for (const resolve of this.whenSettled.splice(0)) resolve();
  }

  private get attempt(): TaskAttempt {
    return { replica: this.parts.actor.replica, at: this.parts.shelves.store.now() };
  }

  private get settings(): TaskSettings {
    return this.parts.shelves.settings ?? DEFAULTS;
  }
}

const DEFAULTS = taskSettings({});
const NO_TERMS: TaskTerms = {
  timeoutMs: undefined,
  delayMs: 0,
  ttlMs: Infinity,
  priority: "normal",
  session: undefined,
  trace: undefined,
};

function lost({ agent, attempts }: TaskRecord): MeshError {
  const last = attempts.at(-1);
  return new MeshError(
    "replica_lost",
    `each of ${attempts.length} attempts ended without a word, the last at replica ${last?.replica}: does the task kill its process?`,
    { agent },
  );
}
