import { LRUCache } from "lru-cache";
import { type Clock, systemClock } from "../clock.ts";
import { type Duration, toMs } from "../duration.ts";
import { checkKey } from "./key.ts";
import { appended } from "./list.ts";
import type { AppendOptions, Memory, Remembered, SearchOptions } from "./memory.ts";
import { recall } from "./recall.ts";

export interface InProcessMemoryOptions {
  /** Keys that are kept; the one that was used least lately makes room. Default 10,000. */
  readonly max?: number;
  /** What has not been written for so long is forgotten. Default: never. */
  readonly ttl?: Duration;
  /** Tests bring their own. */
  readonly clock?: Clock;
}

const DEFAULT_MAX = 10_000;

/** Memory of this process: gone with it. */
export class InProcessMemory implements Memory {
  private readonly entries: LRUCache<string, { readonly value: unknown }>;

  constructor({ max = DEFAULT_MAX, ttl, clock = systemClock }: InProcessMemoryOptions = {}) {
    const ttlMs = ttl === undefined ? {} : { ttl: toMs(ttl, "ttl"), ttlResolution: 0 };
    this.entries = new LRUCache({ max, ...ttlMs, perf: { now: () => clock.now() } });
  }

  async get(key: string): Promise<unknown> {
    return structuredClone(this.entries.get(checkKey(key))?.value);
  }

  async set(key: string, value: unknown): Promise<void> {
    checkKey(key);
    if (value === undefined) this.entries.delete(key);
    // A copy: what is done to a value afterwards is not remembered, here as little as in NATS.
    else this.entries.set(key, { value: structuredClone(value) });
  }

  async append(key: string, item: unknown, options: AppendOptions = {}): Promise<number> {
    const list = appended(key, this.entries.peek(checkKey(key))?.value, structuredClone(item), options);
    this.entries.set(key, { value: list });
    return list.length;
  }

  search(query: string, options?: SearchOptions): Promise<Remembered[]> {
    const all = [...this.entries.entries()].map(([key, { value }]) => [key, value] as const);
    return Promise.resolve(structuredClone(recall(all, query, options)));
  }
}
