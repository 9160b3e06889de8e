import { LRUCache } from "lru-cache";
import type { Clock } from "../clock.ts";
import { encodeBody } from "../protocol/body.ts";

const MAX_BYTES = 16 * 1_048_576;
const MAX_ANSWER_BYTES = 262_144;
const OVERHEAD_BYTES = 256;

interface Kept {
  /** One value, or the chunks of a stream. */
  readonly values: readonly unknown[];
  readonly at: number;
}

/** Answers of a while ago, for when there are none. Bounded by age and by bytes: 16 MiB, 256 KiB each. */
export class StaleCache {
  private readonly clock: Clock;
  private readonly staleForMs: number;
  private readonly answers = new LRUCache<string, Kept>({
    maxSize: MAX_BYTES,
    maxEntrySize: MAX_ANSWER_BYTES + OVERHEAD_BYTES,
  });

  constructor(clock: Clock, staleForMs: number) {
    this.clock = clock;
    this.staleForMs = staleForMs;
  }

  get size(): number {
    return this.answers.size;
  }

  /**
   * What is too large is not kept, nor what has no bytes: an answer is not lost for that.
   * @param ageMs how old it is already: a target may have answered from its own cache
   */
  keep(key: string, values: readonly unknown[], ageMs = 0): void {
    const size = values.reduce<number>((sum, value) => sum + bytesOf(value), OVERHEAD_BYTES);
    if (Number.isFinite(size)) this.answers.set(key, { values, at: this.clock.now() - ageMs }, { size });
  }

  find(key: string): { values: readonly unknown[]; ageMs: number } | undefined {
    const kept = this.answers.get(key);
    if (!kept) return undefined;
    const ageMs = this.clock.now() - kept.at;
    if (ageMs <= this.staleForMs) return { values: kept.values, ageMs };
    this.answers.delete(key);
    return undefined;
  }
}

/** Infinity for what cannot be encoded. */
function bytesOf(value: unknown): number {
  try {
    return encodeBody(value).bytes.length;
  } catch {
    return Infinity;
  }
}

/** Collects the chunks of a stream, unless they become too many to keep. */
export class Recording {
  private chunks: unknown[] | undefined = [];
  private bytes = 0;

  add(chunk: unknown): void {
    if (!this.chunks) return;
    this.bytes += bytesOf(chunk) + 1;
    if (this.bytes > MAX_ANSWER_BYTES) this.chunks = undefined;
    else this.chunks.push(chunk);
  }

  /** Undefined when they were too many. */
  get values(): readonly unknown[] | undefined {
    return this.chunks;
  }
}
