import { MeshError } from "../errors.ts";
import { decodeMsgpack, encodeShared } from "../protocol/body.ts";
import { textOf, tokenOf } from "../protocol/token.ts";
import type { Shelf } from "../transport/shelf.ts";
import { appended } from "./list.ts";
import type { AppendOptions, Memory, Remembered, SearchOptions } from "./memory.ts";
import { recall } from "./recall.ts";

/** What the bucket of a mesh's memories is called. */
export const MEMORIES = "memories";
const MOST_TRIES = 100;

/**
 * Memory in NATS: all replicas have the same, and it outlives them. Each key is an entry of a bucket; a search reads all
 * entries of its space.
 */
export class BucketMemory implements Memory {
  private readonly shelf: Shelf;
  private readonly space: string;
  private readonly ttlMs: number | undefined;

  /**
   * @param space where its keys are: tokens of a subject
   * @param ttlMs what has not been written for so long is forgotten; undefined: never
   */
  constructor(shelf: Shelf, space: string, ttlMs: number | undefined) {
    this.shelf = shelf;
    this.space = space;
    this.ttlMs = ttlMs;
  }

  async get(key: string): Promise<unknown> {
    const bucket = await this.shelf.bucket();
    const entry = await bucket.get(this.placeOf(key));
    return entry && decodeMsgpack(entry.value);
  }

  async set(key: string, value: unknown): Promise<void> {
    const bucket = await this.shelf.bucket();
    if (value === undefined) await bucket.delete(this.placeOf(key));
    else await bucket.put(this.placeOf(key), packed(value), this.options);
  }

  async append(key: string, item: unknown, options: AppendOptions = {}): Promise<number> {
    const bucket = await this.shelf.bucket();
    const place = this.placeOf(key);
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const entry = await bucket.get(place);
      const list = appended(key, entry && decodeMsgpack(entry.value), item, options);
      const written = await bucket.swap(place, packed(list), entry?.revision ?? 0, this.options);
      if (written !== undefined) return list.length;
    }
    throw new MeshError("overloaded", `too many append to "${key}" at once.`);
  }

  async search(query: string, options?: SearchOptions): Promise<Remembered[]> {
    const bucket = await this.shelf.bucket();
    const all: [string, unknown][] = [];
    for await (const { key, value } of bucket.entries(`${this.space}.*`))
      all.push([textOf(key.slice(this.space.length + 1)), decodeMsgpack(value)]);
    return recall(all, query, options);
  }

  /** All that is there lasts for as long again. */
  async touch(): Promise<void> {
    const bucket = await this.shelf.bucket();
    for await (const { key, value, revision } of bucket.entries(`${this.space}.*`))
      await bucket.swap(key, value, revision, this.options);
  }

  /** Forgets everything. */
  async clear(): Promise<void> {
    const bucket = await this.shelf.bucket();
    for await (const { key } of bucket.entries(`${this.space}.*`)) await bucket.delete(key);
  }

  private placeOf(key: string): string {
    if (key === "")
      throw new MeshError("bad_request", "the key of a memory is empty: name what is remembered.");
    return `${this.space}.${tokenOf(key)}`;
  }

  private get options(): { ttlMs?: number } {
    return this.ttlMs === undefined ? {} : { ttlMs: this.ttlMs };
  }
}

function packed(value: unknown): Uint8Array {
  // A view of the encoder's buffer.
  return Uint8Array.from(encodeShared(value));
}
