import { styleText } from "node:util";
import { plainJson } from "./printer.ts";

type Style = Parameters<typeof styleText>[0];

/** Colour on a terminal that wants it, and nowhere else. */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(style, text, { stream });
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  print(plainJson(value));
}

export interface Column<T> {
  title: string;
  value: (row: T) => string | number;
}

/** Rows as columns; numbers to the right. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const cells = rows.map((row) => columns.map(({ value }) => value(row)));
  const widths = columns.map(({ title }, i) =>
    Math.max(title.length, ...cells.map((row) => String(row[i]).length)),
  );
  const line = (row: readonly (string | number)[]): string =>
    row
      .map((cell, i) =>
        typeof cell === "number" ? String(cell).padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0),
      )
      .join("  ")
      .trimEnd();
  const numeric = columns.map((_column, i) => cells.some((row) => typeof row[i] === "number"));
  const head = columns.map(({ title }, i) =>
    numeric[i] ? title.padStart(widths[i] ?? 0) : title.padEnd(widths[i] ?? 0),
  );
  return [paint("bold", head.join("  ").trimEnd()), ...cells.map(line)].join("\n");
}
