import type { Outcome } from "../benchmark.ts";

/** What a part adds to the report. */
export type Found = Required<Pick<Outcome, "tables" | "rows" | "targets" | "plots" | "notes">> & {
  /** Share of the machine that went to anything else, where it was watched; else NaN. */
  readonly othersShare: number;
};
