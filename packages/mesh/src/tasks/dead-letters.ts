import { decodeMsgpack, encodeShared } from "../protocol/body.ts";
import { Header } from "../protocol/headers.ts";
import type { Queued } from "../transport/store.ts";
import type { TaskRecord } from "./record.ts";
import type { Shelves } from "./shelves.ts";

/** A task that has failed for good: all that is known of it, and all that it takes to try it again. */
export interface DeadLetter {
  readonly record: TaskRecord;
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** What still counts when it is tried again. */
const KEPT: readonly string[] = [
  Header.timeout,
  Header.priority,
  Header.tags,
  Header.traceparent,
  Header.tracestate,
];

export function letterOf(record: TaskRecord, queued: Queued): DeadLetter {
  const headers: Record<string, string> = {};
  for (const name of KEPT) {
    const value = queued.header(name);
    if (value !== undefined) headers[name] = value;
  }
  return { record, subject: queued.subject, payload: queued.payload, headers };
}

/** The dead letters of a mesh. */
export class DeadLetters {
  private readonly shelves: Shelves;

  constructor(shelves: Shelves) {
    this.shelves = shelves;
  }

  async put(letter: DeadLetter): Promise<void> {
    const { id } = letter.record;
    const isLarge = letter.payload.length > this.shelves.largeBytes;
    if (isLarge) await (await this.shelves.deadPayloads()).put(id, letter.payload);
    const kept = isLarge ? { ...letter, payload: undefined } : letter;
    await (await this.shelves.dead()).put(id, Uint8Array.from(encodeShared(kept)));
  }

  async get(id: string): Promise<DeadLetter | undefined> {
    const entry = await (await this.shelves.dead()).get(id);
    return entry && this.whole(entry.value);
  }

  async *all(): AsyncGenerator<DeadLetter> {
    for await (const { value } of (await this.shelves.dead()).entries()) yield this.whole(value);
  }

  async delete(id: string): Promise<void> {
    const letter = await (await this.shelves.dead()).get(id);
    if (letter && !Reflect.has(Object(decodeMsgpack(letter.value)), "payload"))
      await (await this.shelves.deadPayloads()).delete(id);
    await (await this.shelves.dead()).delete(id);
  }

  private async whole(bytes: Uint8Array): Promise<DeadLetter> {
    const kept = decodeMsgpack(bytes) as Omit<DeadLetter, "payload"> & Partial<DeadLetter>;
    const { payload } = kept;
    if (payload) return { ...kept, payload };
    const large = await (await this.shelves.deadPayloads()).get(kept.record.id);
    return { ...kept, payload: large ?? new Uint8Array(0) };
  }
}
