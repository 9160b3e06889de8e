import type { Clock } from "../clock.ts";
import { MeshError, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Delivery } from "../transport/store.ts";
import { passed } from "../within.ts";
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
  /** How NATS knows of it: the last time that it was given out. */
  delivery: Delivery;
  private readonly parts: TaskLogParts;
  private readonly found: Found;
  private revision: number;
  private writing: Promise<void> = Promise.resolve();

  /** @param found what was known before */
  constructor(parts: TaskLogParts, found: Found) {
    this.parts = parts;
    this.delivery = parts.delivery;
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
    const { records } = this.parts;
    await this.writing;
    if (this.revision > 0) await records.write(this.found.record, this.revision).catch(() => {});
    this.delivery.retry(afterMs);
  }

  /** An attempt has failed, and another is made. */
  async tryAgain(record: TaskRecord, afterMs: number): Promise<void> {
    const { records, id } = this.parts;
    const isOver = await this.write(record);
    if (isOver) return this.delivery.ack();
    records.tell(id, { state: "retrying" });
    this.delivery.retry(afterMs);
  }

  /** It has ended. J6, J7 */
  async conclude(record: TaskRecord): Promise<void> {
    const { records, id } = this.parts;
    await this.write(record);
    this.delivery.ack();
    records.tell(id, { state: record.state });
  }

  /** True when somebody else has ended it. */
  async isOver(): Promise<boolean> {
    const present = await this.look();
    return present !== undefined && hasEnded(present);
  }

  /** J7: false when it is written; true when somebody has ended it meanwhile, with this very word perhaps. */
  private async write(record: TaskRecord): Promise<boolean> {
    let isOver = false;
    await this.until(async () => {
      const revision = await this.parts.records.write(record, this.revision);
      if (revision === undefined) return (isOver = await this.isOver());
      this.revision = revision;
      return true;
    });
    return isOver;
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
      await passed(clock, waitMs);
    }
  }

  private async look(): Promise<TaskRecord | undefined> {
    const found = await this.parts.records.find(this.parts.id);
    this.revision = found?.revision ?? 0;
    return found?.record;
  }
}
