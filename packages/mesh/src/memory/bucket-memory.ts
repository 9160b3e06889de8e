import { MeshError } from "../errors.ts";
import { decodeMsgpack, encodeShared } from "../protocol/body.ts";
import { textOf } from "../protocol/token.ts";
import { BucketSpace } from "./bucket-space.ts";
import { appended } from "./list.ts";
import type { AppendOptions, Memory, Remembered, SearchOptions } from "./memory.ts";
import { recall } from "./recall.ts";

const MOST_TRIES = 100;

/**
 * Memory in NATS: all replicas have the same, and it outlives them. Each key is an entry of a bucket; a search reads all
 * entries of its space.
 */
export class BucketMemory extends BucketSpace implements Memory {
  async get(key: string): Promise<unknown> {
    const entry = await (await this.bucket()).get(this.placeOf(key));
    return entry && decodeMsgpack(entry.value);
  }

  async set(key: string, value: unknown): Promise<void> {
    const bucket = await this.bucket();
    if (value === undefined) await bucket.delete(this.placeOf(key));
    else await bucket.put(this.placeOf(key), packed(value), this.options);
  }

  async append(key: string, item: unknown, options: AppendOptions = {}): Promise<number> {
    const bucket = await this.bucket();
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
    const all: [string, unknown][] = [];
    for await (const { key, value } of this.entries())
      all.push([textOf(this.tokenIn(key)), decodeMsgpack(value)]);
    return recall(all, query, options);
  }
}

function packed(value: unknown): Uint8Array {
  // A view of the encoder's buffer.
  return Uint8Array.from(encodeShared(value));
}
