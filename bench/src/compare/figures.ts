import type { Row } from "../report.ts";

/** Which way a figure gets better. */
export type Better = "higher" | "lower";

/** One figure of one row, as every trial has it. */
export interface Figure {
  /** The row, as people read it. */
  readonly row: string;
  readonly name: string;
  readonly better: Better;
  /** It is of somebody who is the same in both builds: it tells how steady the machine was. */
  readonly yardstick: boolean;
}

/**
 * Parts of a field's name that tell which way is better. A percentage of a difference is near 0 and has no ratio; what is
 * ideal is computed.
 */
const LOWER = /(^|_)(us|ms|mb|kb|cpu|p50|p99|msgs|failed|lost|hung|unexplained|lateness)(_|$)/;
const HIGHER = /(^|_)(rate|throughput|goodput|ok)(_|$)|_per_s$/;
const NEITHER = /_(low|high|pct)$|(^|_)share$|^ideal_/;

/** Which way a field gets better; undefined where it tells of a load, or of nothing that can be judged. */
export function betterOf(field: string): Better | undefined {
  if (NEITHER.test(field)) return undefined;
  if (LOWER.test(field)) return "lower";
  return HIGHER.test(field) ? "higher" : undefined;
}

/** The figures of one trial by a key that is the same in every trial of the benchmark. */
export function figuresOf(rows: readonly Row[]): Map<string, { figure: Figure; value: number }> {
  const found = new Map<string, { figure: Figure; value: number }>();
  const seen = new Map<string, number>();
  for (const row of rows) {
    // Rows that say the same in words come in the same order each time.
    const words = Object.values(row)
      .filter((value) => typeof value === "string")
      .join(" ");
    const nth = (seen.get(words) ?? 0) + 1;
    seen.set(words, nth);
    for (const [name, value] of Object.entries(row)) {
      const better = betterOf(name);
      if (typeof value !== "number" || better === undefined) continue;
      const { contender } = row;
      const yardstick = typeof contender === "string" && !contender.startsWith("shoal");
      found.set(`${words} #${nth} ${name}`, {
        value,
        figure: { row: titleOf(row), name, better, yardstick },
      });
    }
  }
  return found;
}

/** Fields that say how it was measured, which is the same for all rows. */
const METHOD = new Set(["rounds", "runs", "jobs", "measure"]);

/** The words of a row and the numbers that are neither figures nor beside the point: its load. */
function titleOf(row: Row): string {
  return Object.entries(row)
    .flatMap(([name, value]) => {
      if (typeof value === "string") return [value];
      if (typeof value !== "number" || METHOD.has(name)) return [];
      return betterOf(name) === undefined && !NEITHER.test(name) ? [`${name} ${value}`] : [];
    })
    .join(", ");
}
