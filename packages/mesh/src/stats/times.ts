import { DDSketch } from "@datadog/sketches-js";

/** A quantile is right to within 1 %. */
const ACCURACY = { relativeAccuracy: 0.01 };
/** Shorter ones count as none, and longer ones as this: with that a distribution has 1,400 bins at most. */
const LEAST_MS = 0.001;
const MOST_MS = 1e9;
/** In a list of changes. */
const BINS_AT = 5;

/** A distribution as people read it. */
export interface DistributionSummary {
  readonly count: number;
  readonly meanMs: number | null;
  readonly minMs: number | null;
  readonly maxMs: number | null;
  readonly p50Ms: number | null;
  readonly p90Ms: number | null;
  readonly p99Ms: number | null;
  readonly p999Ms: number | null;
}

/**
 * How long things took: a distribution that is recorded into, and that adds up with others. It is a DDSketch (Masson, Rim
 * and Lee 2019): a bin is as wide as 2 % of its times. Recording allocates nothing once a time of about that size has come
 * before. What there is none of is null.
 */
export class Times {
  /** Made for the first time that is recorded: most methods of most replicas are never called. */
  private sketch: DDSketch | undefined;

  record(ms: number): void {
    this.made.accept(ms >= LEAST_MS ? Math.min(ms, MOST_MS) : 0);
  }

  get count(): number {
    return this.sketch?.count ?? 0;
  }

  get sumMs(): number {
    return this.sketch?.sum ?? 0;
  }

  get meanMs(): number | null {
    return this.count > 0 ? this.sumMs / this.count : null;
  }

  get minMs(): number | null {
    return this.sketch ? this.sketch.min : null;
  }

  get maxMs(): number | null {
    return this.sketch ? this.sketch.max : null;
  }

  /** The time that a part of them did not exceed, to within 1 %. @param q from 0 to 1 */
  quantile(q: number): number | null {
    const { sketch } = this;
    if (!sketch) return null;
    // A bin's middle may lie beyond the last time in it.
    return Math.min(sketch.max, Math.max(sketch.min, sketch.getValueAtQuantile(q)));
  }

  /** How many took no longer, where up to 2 % more counts as the same. */
  atMost(ms: number): number {
    const { sketch } = this;
    if (!sketch || ms < 0) return 0;
    if (ms >= sketch.max) return sketch.count;
    let count = sketch.zeroCount;
    if (ms < LEAST_MS) return count;
    const { bins, offset, minKey } = sketch.store;
    const last = sketch.mapping.key(ms);
    for (let key = minKey; key <= last; key++) count += bins[key - offset] ?? 0;
    return count;
  }

  /** Adds what others have recorded. */
  add(others: Times): void {
    if (others.sketch) this.made.merge(others.sketch);
  }

  /**
   * What is other than in an earlier state: count, sum, least, most and zeros as they are now, then each bin that has grown,
   * as the distance from the last such bin (of the first, from 0) and its count. Null when nothing is.
   */
  changesSince(before?: Times): number[] | null {
    const { sketch } = this;
    const known = before?.sketch;
    if (!sketch || sketch.count === known?.count) return null;
    const changes = [sketch.count, sketch.sum, sketch.min, sketch.max, sketch.zeroCount];
    const { bins, offset, minKey, maxKey } = sketch.store;
    let last = 0;
    for (let key = minKey; key <= maxKey; key++) {
      const count = bins[key - offset] as number;
      if (count === (known?.store.bins[key - known.store.offset] ?? 0)) continue;
      changes.push(key - last, count);
      last = key;
    }
    return changes;
  }

  /** Takes on the state of another one, given what is other there. @param changes as `changesSince` gives them */
  become(changes: readonly number[]): void {
    const sketch = this.made;
    const { store } = sketch;
    const [count = 0, sum = 0, min = 0, max = 0, zeros = 0] = changes;
    let key = 0;
    for (let at = BINS_AT; at + 1 < changes.length; at += 2) {
      key += changes[at] as number;
      store.add(key, (changes[at + 1] as number) - (store.bins[key - store.offset] ?? 0));
    }
    Object.assign(sketch, { count, sum, min, max, zeroCount: zeros });
  }

  copy(): Times {
    const copy = new Times();
    copy.add(this);
    return copy;
  }

  toJSON(): DistributionSummary {
    const { count, meanMs, minMs, maxMs } = this;
    const at = (q: number): number | null => rounded(this.quantile(q));
    return {
      count,
      meanMs: rounded(meanMs),
      minMs: rounded(minMs),
      maxMs: rounded(maxMs),
      p50Ms: at(0.5),
      p90Ms: at(0.9),
      p99Ms: at(0.99),
      p999Ms: at(0.999),
    };
  }

  private get made(): DDSketch {
    return (this.sketch ??= new DDSketch(ACCURACY));
  }
}

/** To a thousandth of a millisecond. */
function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 1_000) / 1_000;
}
