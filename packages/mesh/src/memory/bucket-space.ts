import { tokenOf } from "../protocol/token.ts";
import type { Shelf } from "../transport/shelf.ts";
import type { Bucket, Entry } from "../transport/store.ts";
import { checkKey } from "./key.ts";

/** What the bucket of a mesh's memories is called. */
export const MEMORIES = "memories";

/** The part of a bucket that is one memory's. */
export class BucketSpace {
  private readonly shelf: Shelf;
  private readonly name: string;
  /** How its entries are written. */
  protected readonly options: { readonly ttlMs?: number };

  /**
   * @param name tokens of a subject
   * @param ttlMs what has not been written for so long is forgotten. Default: never
   */
  constructor(shelf: Shelf, name: string, ttlMs?: number) {
    this.shelf = shelf;
    this.name = name;
    this.options = ttlMs === undefined ? {} : { ttlMs };
  }

  /** All that is there lasts for as long again. */
  async touch(): Promise<void> {
    const bucket = await this.bucket();
    for await (const { key, value, revision } of this.entries())
      await bucket.swap(key, value, revision, this.options);
  }

  /** Forgets everything. */
  async clear(): Promise<void> {
    const bucket = await this.bucket();
    for await (const { key } of this.entries()) await bucket.delete(key);
  }

  protected bucket(): Promise<Bucket> {
    return this.shelf.bucket();
  }

  protected async *entries(): AsyncGenerator<Entry> {
    yield* (await this.bucket()).entries(`${this.name}.*`);
  }

  /** @throws MeshError `bad_request` */
  protected placeOf(key: string): string {
    return `${this.name}.${tokenOf(checkKey(key))}`;
  }

  /** What `placeOf` was given, as a token. */
  protected tokenIn(place: string): string {
    return place.slice(this.name.length + 1);
  }
}
