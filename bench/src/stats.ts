import { seededRandom } from "./random.ts";

/** A median with the range in which it would fall in 95 of 100 repetitions. */
export interface Estimate {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** The value below which the fraction `q` (0 to 1) of the samples lies, between neighbours by interpolation. NaN if empty. */
export function quantile(samples: Iterable<number>, q: number): number {
  const sorted = Float64Array.from(samples).sort();
  const at = q * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? NaN;
  const above = sorted[Math.ceil(at)] ?? NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/** The middle of the samples; NaN if there are none. */
export function median(samples: Iterable<number>): number {
  return quantile(samples, 0.5);
}

/**
 * The median with a 95 % interval by bootstrap (2,000 resamples, percentile method; Efron 1979).
 * The resampling is seeded: the same samples give the same interval.
 */
export function estimate(samples: readonly number[]): Estimate {
  const random = seededRandom(samples.length);
  const medians = Array.from({ length: 2_000 }, () => median(samples.map(() => pick(samples, random))));
  return { median: median(samples), low: quantile(medians, 0.025), high: quantile(medians, 0.975) };
}

function pick(samples: readonly number[], random: () => number): number {
  return samples[Math.floor(random() * samples.length)] ?? NaN;
}
