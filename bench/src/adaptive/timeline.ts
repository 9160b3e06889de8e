/** Length of a slice of time. */
export const SLICE_MS = 250;

/** What was done, and under which limit, slice by slice. */
export class Timeline {
  readonly ok: number[] = [];
  readonly limits: number[] = [];
  private readonly from: number;
  private before = 0;

  constructor(from: number) {
    this.from = from;
  }

  /** @param ok successes so far */
  note(at: number, ok: number, limit: number): void {
    const slice = Math.floor((at - this.from) / SLICE_MS);
    while (this.ok.length <= slice) {
      this.ok.push(0);
      this.limits.push(this.limits.at(-1) ?? 0);
    }
    this.ok[slice] = (this.ok[slice] ?? 0) + ok - this.before;
    this.limits[slice] = limit;
    this.before = ok;
  }
}

/** Successes a second between two moments, in seconds. */
export function rateOf(ok: readonly number[], from: number, to: number): number {
  const [first, last] = [from, to].map((seconds) => Math.round((seconds * 1_000) / SLICE_MS));
  const slices = ok.slice(first, last);
  return (slices.reduce((sum, each) => sum + each, 0) / slices.length / SLICE_MS) * 1_000;
}

/** How long a throughput must hold before it counts as found. */
const HOLD_S = 2;

/**
 * Seconds from `from` until throughput is at least a share of what somebody else gets at the same time: over the next two
 * seconds, and over all the time that is left until `to`. Infinite when it never is.
 */
export function settledAfter(
  ok: readonly number[],
  [from, to]: readonly [number, number],
  share: number,
  best: readonly number[],
): number {
  const holds = (at: number, until: number): boolean =>
    rateOf(ok, at, until) >= share * rateOf(best, at, until);
  for (let at = from; at <= to - HOLD_S; at += SLICE_MS / 1_000) {
    if (holds(at, at + HOLD_S) && holds(at, to)) return at - from;
  }
  return Infinity;
}
