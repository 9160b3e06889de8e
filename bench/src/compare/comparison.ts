import { figure, type Row, type Table } from "../report.ts";
import { median } from "../stats.ts";
import { figuresOf, type Figure } from "./figures.ts";
import { judge, type Verdict } from "./verdict.ts";

/** Two trials that ran one right after the other. */
export interface Pair {
  readonly base: readonly Row[];
  readonly head: readonly Row[];
}

/** What became of one figure. */
export interface Compared extends Figure, Verdict {
  /** Medians over the trials. */
  readonly base: number;
  readonly head: number;
}

/** Judges every figure that all trials have, but for those that are beside themselves and 1 by definition. */
export function compareTrials(pairs: readonly Pair[], tolerance: number): Compared[] {
  const read = pairs.map(({ base, head }) => ({ base: figuresOf(base), head: figuresOf(head) }));
  return [...(read[0]?.base ?? [])].flatMap(([key, { figure: about }]) => {
    const values = read.flatMap(({ base, head }) => {
      const [before, after] = [base.get(key), head.get(key)];
      return before && after ? [[before.value, after.value] as const] : [];
    });
    if (values.length < read.length || values.flat().every((value) => value === 1)) return [];
    return [
      {
        ...about,
        base: median(values.map(([base]) => base)),
        head: median(values.map(([, head]) => head)),
        ...judge(values, about.better, tolerance),
      },
    ];
  });
}

/** Shoal's figures that are worse than they were. */
export function regressions(all: readonly Compared[]): readonly Compared[] {
  return all.filter(({ verdict, yardstick }) => verdict === "regression" && !yardstick);
}

/** For people: a yardstick is shown, and never judged. */
export function comparedTable(all: readonly Compared[], title: string): Table {
  return {
    title,
    head: ["", "figure", "base", "head", "head/base", "95 %", "verdict"],
    body: all.map(({ row, name, base, head, ratio, low, high, verdict, better, yardstick }) => [
      row,
      `${name} ${better === "higher" ? "↑" : "↓"}`,
      figure(base),
      figure(head),
      figure(ratio),
      Number.isFinite(low) ? `${figure(low)}–${figure(high)}` : "",
      yardstick ? `(${verdict})` : verdict === "regression" ? "REGRESSION" : verdict,
    ]),
  };
}
