import type { Better } from "./figures.ts";

/** How a figure of the head stands beside the base's. */
export interface Verdict {
  /** Geometric mean of head by base. */
  readonly ratio: number;
  /** 95 % interval of it. */
  readonly low: number;
  readonly high: number;
  readonly verdict: "regression" | "improvement" | "same";
}

/** Student's t, two-sided, for 1, 2, 3, … degrees of freedom. */
const T95 = [
  12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
];
const T99 = [
  63.66, 9.925, 5.841, 4.604, 4.032, 3.707, 3.499, 3.355, 3.25, 3.169, 3.106, 3.055, 3.012, 2.977, 2.947,
];

/**
 * Judges a figure by pairs that were measured one right after the other. It has changed when the 99 % interval of the mean
 * logarithm of the ratios (Student's t: the pairs are few) lies on one side of 1, and the mean is off by more than the
 * tolerance. 99 % rather than 95: there are dozens of figures, and one in twenty would be off by chance.
 * @param pairs `[base, head]`
 */
export function judge(
  pairs: readonly (readonly [number, number])[],
  better: Better,
  tolerance: number,
): Verdict {
  const usable = pairs.every(([base, head]) => base > 0 && head > 0);
  if (!usable || pairs.length < 2) return judgeByOrder(pairs, better);
  const logs = pairs.map(([base, head]) => Math.log(head / base));
  const mean = sum(logs) / logs.length;
  const variance = sum(logs.map((log) => (log - mean) ** 2)) / (logs.length - 1);
  const spread = Math.sqrt(variance / logs.length);
  const reach = (table: readonly number[]): number =>
    (table[logs.length - 2] ?? table.at(-1) ?? NaN) * spread;
  const isSure = Math.abs(mean) > reach(T99);
  return {
    ratio: Math.exp(mean),
    low: Math.exp(mean - reach(T95)),
    high: Math.exp(mean + reach(T95)),
    verdict: isSure && Math.abs(mean) > Math.log(1 + tolerance) ? changed(mean > 0, better) : "same",
  };
}

function changed(rose: boolean, better: Better): Verdict["verdict"] {
  return rose === (better === "higher") ? "improvement" : "regression";
}

/** Where there is a 0 there is no ratio: it has changed when every value of the one exceeds every value of the other. */
function judgeByOrder(pairs: readonly (readonly [number, number])[], better: Better): Verdict {
  const bases = pairs.map(([base]) => base);
  const heads = pairs.map(([, head]) => head);
  const rose = Math.min(...heads) > Math.max(...bases);
  const fell = Math.max(...heads) < Math.min(...bases);
  const ratio = sum(bases) === sum(heads) ? 1 : sum(heads) / sum(bases);
  const verdict = pairs.length > 1 && (rose || fell) ? changed(rose, better) : "same";
  return { ratio, low: NaN, high: NaN, verdict };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
