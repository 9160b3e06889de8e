import type { Clock } from "../../clock.ts";
import type { Bucket, Entry, Keeping, WriteOptions } from "../store.ts";
import { oversized } from "../oversized.ts";
import { subjectMatches } from "../subject-match.ts";

interface Held extends Entry {
  readonly goneAt: number;
}

const LONGEST_TIMER_MS = 2 ** 31;

/** A bucket in memory. */
export class MemoryBucket implements Bucket {
  private readonly clock: Clock;
  private readonly ttlMs: number;
  private readonly largest: number;
  private readonly held = new Map<string, Held>();
  private last = 0;

  /** @param largest bytes of the largest value */
  constructor(clock: Clock, { ttlMs = Infinity }: Keeping, largest: number) {
    this.clock = clock;
    this.largest = largest;
    this.ttlMs = ttlMs;
  }

  get(key: string): Promise<Entry | undefined> {
    return Promise.resolve(this.find(key));
  }

  async put(key: string, value: Uint8Array, options: WriteOptions = {}): Promise<number> {
    return this.write(key, value, options);
  }

  async swap(
    key: string,
    value: Uint8Array,
    revision: number,
    options: WriteOptions = {},
  ): Promise<number | undefined> {
    // T7: nothing comes between.
    const isFirst = (this.find(key)?.revision ?? 0) === revision;
    return isFirst ? this.write(key, value, options) : undefined;
  }

  delete(key: string, revision?: number): Promise<boolean> {
    const present = this.find(key);
    if (revision !== undefined && present?.revision !== revision) return Promise.resolve(false);
    this.held.delete(key);
    this.last++;
    return Promise.resolve(true);
  }

  async *entries(pattern = ">"): AsyncGenerator<Entry> {
    for (const key of [...this.held.keys()].filter((each) => subjectMatches(pattern, each))) {
      const entry = await this.get(key);
      if (entry) yield entry;
    }
  }

  /** T8 */
  private find(key: string): Held | undefined {
    const held = this.held.get(key);
    return held && held.goneAt > this.clock.now() ? held : undefined;
  }

  private write(key: string, value: Uint8Array, { ttlMs = this.ttlMs }: WriteOptions): number {
    if (value.length > this.largest) throw oversized(value.length, this.largest);
    const now = this.clock.now();
    const revision = ++this.last;
    this.held.delete(key);
    this.held.set(key, { key, value: Uint8Array.from(value), revision, writtenAt: now, goneAt: now + ttlMs });
    // What lives longer than a timer is found to be gone when it is looked for.
    if (ttlMs < LONGEST_TIMER_MS) this.clock.after(ttlMs, () => this.expire(key, revision));
    return revision;
  }

  private expire(key: string, revision: number): void {
    if (this.held.get(key)?.revision === revision) this.held.delete(key);
  }
}
