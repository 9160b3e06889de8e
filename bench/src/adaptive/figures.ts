import type { Trial } from "./trial.ts";
import { rateOf, settledAfter } from "./timeline.ts";

/** Within so much of the best is found. */
const FOUND = 0.9;

/** One half of a trial beside the best fixed limit at the same knee. */
export interface Half {
  readonly knee: number;
  /** Throughput over that of the best fixed limit: of the whole half, and of its second part. */
  readonly whole: number;
  readonly settled: number;
  /** Seconds until it stays within a tenth of the best; infinite when it does not. */
  readonly settleS: number;
  /** Median limit in the second part. */
  readonly limit: number;
}

export interface Figures {
  readonly trial: Trial;
  readonly a: Half;
  readonly b: Half;
}

/**
 * @param best who runs beside it with the limit that is best for each knee: a machine that slows down slows both
 * @param seconds of a half
 */
export function figuresOf(
  trial: Trial,
  [a, b]: readonly [number, number],
  seconds: number,
  best: ReadonlyMap<number, Trial>,
): Figures {
  return { trial, a: halfOf(trial, a, 0, seconds, best), b: halfOf(trial, b, seconds, seconds, best) };
}

function halfOf(
  { batched: { ok, limits } }: Trial,
  knee: number,
  from: number,
  seconds: number,
  best: ReadonlyMap<number, Trial>,
): Half {
  const most = best.get(knee)?.batched.ok ?? [];
  const [middle, end] = [from + seconds / 2, from + seconds];
  const later = limits.slice(Math.round(middle * 4), Math.round(end * 4)).toSorted((x, y) => x - y);
  return {
    knee,
    whole: rateOf(ok, from, end) / rateOf(most, from, end),
    settled: rateOf(ok, middle, end) / rateOf(most, middle, end),
    settleS: settledAfter(ok, [from, end], FOUND, most),
    limit: later[Math.floor(later.length / 2)] ?? NaN,
  };
}
