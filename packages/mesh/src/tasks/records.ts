import type { Subjects } from "../protocol/subjects.ts";
import { decodeMsgpack, encodeShared } from "../protocol/body.ts";
import type { Transport } from "../transport/transport.ts";
import { type TaskRecord, type TaskState, decodeRecord, encodeRecord } from "./record.ts";
import type { Shelves } from "./shelves.ts";

/** A record, and the revision that another write must name. */
export interface Found {
  readonly record: TaskRecord;
  readonly revision: number;
}

/** What is told of a task as it happens. It may get lost: the record does not. */
export interface News {
  readonly state: TaskState;
  readonly progress?: unknown;
}

/** The records of a mesh's tasks, and the news of them. */
export class Records {
  readonly shelves: Shelves;
  private readonly transport: Transport;
  private readonly subjects: Subjects;

  constructor(shelves: Shelves, transport: Transport, subjects: Subjects) {
    this.shelves = shelves;
    this.transport = transport;
    this.subjects = subjects;
  }

  async find(id: string): Promise<Found | undefined> {
    const entry = await (await this.shelves.records()).get(id);
    return entry && { record: decodeRecord(entry.value), revision: entry.revision };
  }

  /** @returns its revision; undefined when another has been written since `revision` */
  async write(record: TaskRecord, revision: number): Promise<number | undefined> {
    return (await this.shelves.records()).swap(record.id, encodeRecord(record), revision);
  }

  async *all(): AsyncGenerator<TaskRecord> {
    for await (const { value } of (await this.shelves.records()).entries()) yield decodeRecord(value);
  }

  tell(id: string, news: News): void {
    try {
      this.transport.publish(this.subjects.news(id), Uint8Array.from(encodeShared(news)));
    } catch {
      // Whoever waits looks at the record from time to time.
    }
  }

  /** The returned function stops it. */
  listen(id: string, onNews: (news: News) => void): () => void {
    const subscription = this.transport.subscribe(this.subjects.news(id), ({ payload }) =>
      onNews(decodeMsgpack(payload) as News),
    );
    return () => subscription.unsubscribe();
  }
}
