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
}

/** Judges a figure. One that was not measured is missed. */
export function target(name: string, value: number | null, op: ">=" | "<=", wanted: number): Target {
  const measured = value === null || !Number.isFinite(value) ? null : rounded(value);
  const ok = measured !== null && (op === ">=" ? measured >= wanted : measured <= wanted);
  return { name, value: measured, op, target: wanted, ok };
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
    body: targets.map(({ name, value, op, target: wanted, ok }) => [
      name,
      figure(value),
      `${op === ">=" ? "≥" : "≤"} ${figure(wanted)}`,
      value === null ? "not measured" : ok ? "yes" : "no",
    ]),
  };
}
