import type { Clock } from "../clock.ts";
import { MeshError, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Delivery } from "../transport/store.ts";
import { type TaskRecord, hasEnded } from "./record.ts";
import type { Found, Records } from "./records.ts";

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

export interface TaskLogParts {
  readonly id: string;
  readonly delivery: Delivery;
  readonly records: Records;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What one worker writes down of its task, one thing after the other, for as long as it takes. */
export class TaskLog {
  private readonly parts: TaskLogParts;
  private readonly found: Found;
  private revision: number;
  private writing: Promise<void> = Promise.resolve();

  /** @param found what was known before */
  constructor(parts: TaskLogParts, found: Found) {
    this.parts = parts;
    this.found = found;
    this.revision = found.revision;
  }

  /** Something has been written since it was begun. */
  get isOpened(): boolean {
    return this.revision > this.found.revision;
  }

  /** That it runs, and how far it is. A courtesy: what fails here is written down later, or not at all. */
  note(record: TaskRecord): void {
    this.writing = this.writing.then(async () => {
      const revision = await this.parts.records.write(record, this.revision).catch(() => undefined);
      this.revision = revision ?? this.revision;
    });
  }

  /** It has not been begun: what was written down as an attempt was none. */
  async giveBack(afterMs: number): Promise<void> {
    const { records, delivery } = this.parts;
    await this.writing;
    if (this.revision > 0) await records.write(this.found.record, this.revision).catch(() => {});
    delivery.retry(afterMs);
  }

  /** An attempt has failed, and another is made. */
  async tryAgain(record: TaskRecord, afterMs: number): Promise<void> {
    const { records, delivery, id } = this.parts;
    await this.until(async () => {
      const revision = await records.write(record, this.revision);
      if (revision === undefined) await this.look();
      else this.revision = revision;
      return revision !== undefined;
    });
    records.tell(id, { state: "retrying" });
    delivery.retry(afterMs);
  }

  /** It has ended. J6, J7 */
  async conclude(record: TaskRecord): Promise<void> {
    const { records, delivery, id } = this.parts;
    await this.until(async () => {
      if ((await records.write(record, this.revision)) !== undefined) return true;
      // Somebody has written since: it may have been this very word, or that nobody wants it any more.
      const present = await this.look();
      return present !== undefined && hasEnded(present);
    });
    delivery.ack();
    records.tell(id, { state: record.state });
  }

  /** Repeats a step until it works: the task is this worker's for as long as it says so. False: once more. */
  async until(step: () => Promise<unknown>): Promise<void> {
    const { clock, log, id } = this.parts;
    await this.writing;
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)) {
      try {
        if ((await step()) !== false) return;
      } catch (error) {
        if (error instanceof MeshError && !error.retryable) throw error;
        log.debug({ reason: messageOf(error), task: id }, "a task's outcome waits for the store");
      }
      await new Promise<void>((resolve) => clock.after(waitMs, resolve));
    }
  }

  private async look(): Promise<TaskRecord | undefined> {
    const found = await this.parts.records.find(this.parts.id);
    this.revision = found?.revision ?? 0;
    return found?.record;
  }
}
