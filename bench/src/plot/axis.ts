/** An axis from 0 or below to a round number, with marks at round numbers. */
export interface Axis {
  readonly ticks: readonly number[];
  /** Pixels of a value. */
  at(value: number): number;
}

/** Marks are 1, 2 or 5 times a power of ten apart. */
const STEPS = [1, 2, 5, 10];

/**
 * Lays out an axis that holds all the values and 0.
 * @param from pixels of the lowest mark
 * @param to pixels of the highest mark
 * @param about how many marks there may be
 */
export function layAxis(values: readonly number[], from: number, to: number, about: number): Axis {
  const finite = values.filter(Number.isFinite);
  const least = Math.min(0, ...finite);
  const greatest = Math.max(0, ...finite);
  const most = greatest > least ? greatest : 1;
  const step = stepFor(most - least, about);
  const first = Math.floor(least / step + 1e-9);
  const last = Math.max(Math.ceil(most / step - 1e-9), first + 1);
  // Counted in whole steps: adding up 0.1 would end in 0.30000000000000004.
  const ticks = Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
  const [low, high] = [first * step, last * step];
  return { ticks, at: (value) => from + ((value - low) / (high - low)) * (to - from) };
}

function stepFor(span: number, about: number): number {
  const rough = span / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * (STEPS.find((step) => step * power >= rough * (1 - 1e-9)) ?? 10);
}
