import { LRUCache } from "lru-cache";
import type { Clock } from "../clock.ts";
import type { Outcome } from "./outcome.ts";

/** What an outcome counts beside its bytes. */
const OVERHEAD_BYTES = 256;

interface Entry {
  readonly outcome: Outcome;
  /** By the clock; before now for one that another replica made. */
  readonly madeAt: number;
}

/** An outcome that may be given. */
export interface Kept {
  readonly outcome: Outcome;
  readonly ageMs: number;
  /** False when a new one should be made. */
  readonly isFresh: boolean;
}

/** Which outcomes are meant; all, where it says nothing. */
export interface Selection {
  readonly key?: string | undefined;
  readonly tag?: string | undefined;
}

/** Outcomes by key, in memory: bounded by time, by count and by bytes. */
export class KeptOutcomes {
  /** Those that had to make room before their time. */
  evicted = 0;
  private readonly clock: Clock;
  private readonly bounds: { readonly max: number; readonly maxBytes: number };
  /** Made when there is something to keep: its tables are as large as it may get. */
  private entries: LRUCache<string, Entry> | undefined;

  constructor(clock: Clock, bounds: { max: number; maxBytes: number }) {
    this.clock = clock;
    this.bounds = bounds;
  }

  get size(): number {
    return this.entries?.size ?? 0;
  }

  get bytes(): number {
    return this.entries?.calculatedSize ?? 0;
  }

  /** Undefined when there is none, or none that is young enough. */
  find(key: string): Kept | undefined {
    const kept = this.last(key);
    // K12
    return kept && kept.ageMs < kept.outcome.ttlMs + kept.outcome.staleMs ? kept : undefined;
  }

  /** However old it is: it stays until another takes its place, for whoever has nothing better. */
  last(key: string): Kept | undefined {
    const entry = this.entries?.get(key);
    if (!entry) return undefined;
    const { outcome, madeAt } = entry;
    const ageMs = this.clock.now() - madeAt;
    return { outcome, ageMs, isFresh: ageMs < outcome.ttlMs };
  }

  /** One that is too large, or too old, is not kept. */
  keep(key: string, outcome: Outcome, ageMs = 0): void {
    if (ageMs >= outcome.ttlMs + outcome.staleMs) return;
    this.memory.set(key, { outcome, madeAt: this.clock.now() - ageMs });
  }

  /** @returns how many there were */
  clear({ key, tag }: Selection): number {
    const { entries } = this;
    if (!entries) return 0;
    const meant = [...entries.entries()].filter(
      ([each, { outcome }]) =>
        (key === undefined || key === each) && (tag === undefined || outcome.tags.includes(tag)),
    );
    for (const [each] of meant) entries.delete(each);
    return meant.length;
  }

  private get memory(): LRUCache<string, Entry> {
    // K14
    const { max, maxBytes } = this.bounds;
    return (this.entries ??= new LRUCache({
      max,
      maxSize: maxBytes,
      sizeCalculation: ({ outcome }) => outcome.bytes.length + OVERHEAD_BYTES,
      dispose: (_entry, _key, reason) => {
        if (reason === "evict") this.evicted++;
      },
    }));
  }
}
