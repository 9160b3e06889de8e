import type { Clock } from "../clock.ts";
import { type Duration, toMs } from "../duration.ts";
import { MeshError } from "../errors.ts";
import { errorOf } from "../protocol/failure.ts";
import type { Subjects } from "../protocol/subjects.ts";
import type { Transport } from "../transport/transport.ts";
import { type TaskInfo, infoOf, queuedInfo } from "./info.ts";
import { isChosenId } from "./options.ts";
import { type TaskRecord, hasEnded, valueOf } from "./record.ts";
import type { News, Records } from "./records.ts";
import { headOf } from "./task-message.ts";

/** News may get lost: the record is looked at that often. */
const LOOK_EVERY_MS = 2_000;

/** A slow reader of progress misses what is older. */
const MOST_SAID = 1_000;

export interface TicketParts {
  readonly id: string;
  readonly records: Records;
  readonly transport: Transport;
  readonly subjects: Subjects;
  readonly clock: Clock;
}

export interface WaitOptions {
  /** How long to wait. Default: for as long as it takes. */
  readonly timeout?: Duration;
  /** Stops waiting; the task goes on. */
  readonly signal?: AbortSignal;
}

/** A task that has been submitted, here or anywhere else. */
export class Ticket<O = unknown> {
  readonly id: string;
  private readonly parts: TicketParts;

  constructor(parts: TicketParts) {
    this.id = parts.id;
    this.parts = parts;
  }

  /** @throws MeshError `not_found` for a task that never was, or whose outcome is no longer kept */
  async status(): Promise<TaskInfo> {
    const found = await this.parts.records.find(this.id);
    return found ? infoOf(found.record) : this.queued();
  }

  /**
   * Waits for the task to end. Waiting costs nothing but a subscription, and may go on in another process.
   * @throws MeshError what the task has failed with; `cancelled`, or `deadline_exceeded` for one that has expired;
   *   `not_found` for a task that is not known; `timeout` when the wait is over before the task is
   */
  async result({ timeout, signal }: WaitOptions = {}): Promise<O> {
    const record = await this.ended(timeout === undefined ? undefined : toMs(timeout, "timeout"), signal);
    const { agent, method, state } = record;
    const where = { agent, method };
    if (state === "done") return (await this.valueIn(record)) as O;
    if (state === "cancelled") throw new MeshError("cancelled", `the task ${this.id} was cancelled.`, where);
    if (state === "expired") {
      throw new MeshError("deadline_exceeded", `the task ${this.id} was not begun in its time.`, where);
    }
    throw errorOf(record.error, where);
  }

  /** What its handler says of how far it is, and the chunks of a stream, until the task ends. Some may be left out. */
  async *progress(): AsyncGenerator<unknown, void> {
    const said: unknown[] = [];
    let isOver = false;
    let wake: () => void = () => {};
    const stop = this.follow(
      (record) => {
        isOver = hasEnded(record);
        wake();
      },
      ({ progress }) => {
        if (progress === undefined) return;
        said.push(progress);
        if (said.length > MOST_SAID) said.shift();
        wake();
      },
      (error) => {
        isOver = !error.retryable;
        wake();
      },
    );
    try {
      for (;;) {
        while (said.length > 0) yield said.shift();
        if (isOver) return;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      stop();
    }
  }

  /**
   * Nobody wants it any more: it is not begun, or its handler's signal fires.
   * @returns false when it had ended already
   * @throws MeshError `not_found`
   */
  async cancel(): Promise<boolean> {
    const { records, transport, subjects } = this.parts;
    for (;;) {
      const found = await records.find(this.id);
      if (found && hasEnded(found.record)) return false;
      const known = found?.record ?? (await this.queued());
      const { agent, sequence } = known;
      const endedAt = records.shelves.store.now();
      const record: TaskRecord = { ...known, state: "cancelled", endedAt };
      if ((await records.write(record, found?.revision ?? 0)) === undefined) continue;
      if (sequence !== undefined) await (await records.shelves.queue()).remove(sequence);
      transport.publish(subjects.dropped(agent), Buffer.from(this.id));
      records.tell(this.id, { state: "cancelled" });
      return true;
    }
  }

  /** One that nobody has begun. @throws MeshError `not_found` */
  private async queued(): Promise<TaskInfo> {
    const { records, subjects } = this.parts;
    const queue = await records.shelves.queue();
    const waiting = /^\d+$/.test(this.id) ? await queue.get(Number(this.id)) : undefined;
    if (waiting) return queuedInfo(waiting, subjects);
    // One that somebody has named in a message of theirs is found by looking at all that wait.
    if (isChosenId(this.id))
      for await (const each of queue.messages())
        if (headOf(each, subjects.task("")).id === this.id) return queuedInfo(each, subjects);
    // Somebody may have begun it, or ended it, just now.
    const found = await records.find(this.id);
    if (found) return infoOf(found.record);
    throw new MeshError(
      "not_found",
      `no task ${this.id} is known: it never was, or what became of it is no longer kept.`,
    );
  }

  private ended(timeoutMs: number | undefined, signal: AbortSignal | undefined): Promise<TaskRecord> {
    const { clock } = this.parts;
    return new Promise((resolve, reject) => {
      const over = (step: () => void): void => {
        stop();
        stopTimer?.();
        signal?.removeEventListener("abort", abort);
        step();
      };
      const abort = (): void =>
        over(() => reject(new MeshError("cancelled", `nobody waits for ${this.id} any more.`)));
      const stop = this.follow(
        (record) => hasEnded(record) && over(() => resolve(record)),
        () => {},
        (error) => error.retryable || over(() => reject(error)),
      );
      const stopTimer =
        timeoutMs === undefined
          ? undefined
          : clock.after(timeoutMs, () =>
              over(() =>
                reject(new MeshError("timeout", `the task ${this.id} has not ended within ${timeoutMs} ms.`)),
              ),
            );
      if (signal?.aborted) abort();
      else signal?.addEventListener("abort", abort);
    });
  }

  /** Looks at the record now, at each piece of news that there is one, and from time to time. */
  private follow(
    onRecord: (record: TaskRecord) => void,
    onNews: (news: News) => void,
    onError: (error: MeshError) => void,
  ): () => void {
    const { records, clock, transport } = this.parts;
    let isOver = false;
    let stopTimer: (() => void) | undefined;
    const look = async (): Promise<void> => {
      if (isOver) return;
      if (transport.status === "closed") return onError(closed());
      stopTimer?.();
      stopTimer = clock.after(LOOK_EVERY_MS, () => void look());
      try {
        const found = await records.find(this.id);
        if (isOver) return;
        if (found) onRecord(found.record);
        else await this.queued();
      } catch (error) {
        if (!isOver && error instanceof MeshError) onError(error);
      }
    };
    const stopNews = records.listen(this.id, (news) => {
      onNews(news);
      if (hasEnded(news)) void look();
    });
    // What happens from here on is heard.
    void transport.flush().then(look, look);
    return () => {
      isOver = true;
      stopTimer?.();
      stopNews();
    };
  }

  private async valueIn({ value }: TaskRecord): Promise<unknown> {
    if (!value) return undefined;
    if (value.bytes) return valueOf(value);
    return valueOf(value, await (await this.parts.records.shelves.results()).get(this.id));
  }
}

function closed(): MeshError {
  return new MeshError("unavailable", "the connection to the mesh is closed.", { retryable: false });
}
