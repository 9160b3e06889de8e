import type { Estimate } from "./stats.ts";

/** One line of figures for machines. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** A table for people; the first column is text, the rest are figures. */
export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly body: readonly (readonly string[])[];
}

/** A figure that the project set itself, and what it came out as. */
export interface Target {
  readonly name: string;
  /** `null` when it could not be measured. */
  readonly value: number | null;
  readonly op: ">=" | "<=";
  readonly target: number;
  readonly ok: boolean;
  /** Met as a tie: the figure falls short by less than it is known to. */
  readonly tie?: true;
}

/** A figure may fall short of what is wanted by this share and still be called a tie, if its interval allows. */
const TIE = 0.05;

/** Judges a figure. One that was not measured is missed. */
export function target(name: string, value: number | null, op: ">=" | "<=", wanted: number): Target {
  const measured = value === null || !Number.isFinite(value) ? null : rounded(value);
  const ok = measured !== null && (op === ">=" ? measured >= wanted : measured <= wanted);
  return { name, value: measured, op, target: wanted, ok };
}

/**
 * Judges a figure where a draw is as good as a win: it is met, too, when its 95 % interval reaches what is wanted and its
 * median falls short by 5 % at most.
 */
export function tiedTarget(name: string, found: Estimate | null, op: ">=" | "<=", wanted: number): Target {
  const judged = target(name, found?.median ?? null, op, wanted);
  if (judged.ok || judged.value === null || found === null) return judged;
  const reaches = op === ">=" ? found.high >= wanted : found.low <= wanted;
  const near = op === ">=" ? judged.value >= wanted * (1 - TIE) : judged.value <= wanted * (1 + TIE);
  return reaches && near ? { ...judged, ok: true, tie: true } : judged;
}

/** Three significant digits where that says enough, whole numbers above 1,000. */
export function rounded(value: number): number {
  return Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(3));
}

/** A figure as people read it; an empty cell is a dash. */
export function figure(value: number | null | undefined, unit = ""): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return `${rounded(value).toLocaleString("en-US", { maximumSignificantDigits: 12 })}${unit}`;
}

/** A 95 % interval as people read it; "to", since either end may be negative. */
export function interval(found: Estimate | null): string {
  return found === null ? "" : `${figure(found.low)} to ${figure(found.high)}`;
}

/** An estimate in a row: the median by its name, and the ends of its interval. */
export function estimateFields(name: string, found: Estimate | null): Row {
  return {
    [name]: found && rounded(found.median),
    [`${name}_low`]: found && rounded(found.low),
    [`${name}_high`]: found && rounded(found.high),
  };
}

/** The table in plain text, columns aligned. */
export function renderTable({ title, head, body }: Table): string {
  const lines = [head, ...body];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  const render = (line: readonly string[]): string =>
    widths
      .map((width, column) => {
        const cell = line[column] ?? "";
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "─".repeat(width)).join("  ");
  return [title, render(head), rule, ...body.map(render)].join("\n");
}

/** The targets as a table. */
export function targetTable(targets: readonly Target[]): Table {
  return {
    title: "Targets",
    head: ["target", "value", "wanted", "met"],
    body: targets.map((each) => [each.name, figure(each.value), wantedText(each), verdict(each)]),
  };
}

/** What is wanted, as people read it. */
export function wantedText({ op, target: wanted }: Target): string {
  return `${op === ">=" ? "≥" : "≤"} ${figure(wanted)}`;
}

/** Whether it was met, in a word. */
export function verdict({ value, ok, tie }: Target): string {
  if (value === null) return "not measured";
  return tie ? "tie" : ok ? "yes" : "no";
}
