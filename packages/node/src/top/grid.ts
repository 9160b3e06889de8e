import type { styleText } from "node:util";

export type Style = Parameters<typeof styleText>[0];
/** Colours a text, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

export interface GridColumn<T> {
  readonly title: string;
  /** Characters. The first column is as wide as there is room. */
  readonly width: number;
  readonly value: (row: T) => string;
  /** Numbers stand to the right. Default: left. */
  readonly isRight?: boolean;
  readonly style?: (row: T) => Style | undefined;
}

/** Rows in columns of fixed width, as many columns as fit, the first ones first. */
export interface Grid<T> {
  readonly columns: readonly GridColumn<T>[];
  readonly rows: readonly T[];
  /** The row that is marked. */
  readonly marked?: (row: T) => boolean;
}

/** What is left for the first column: as much as its longest cell, within these. */
const LEAST_FIRST = 12;
const MOST_FIRST = 28;

/** The head, and a line for each row; none is wider than `width`. */
export function gridLines<T>({ columns, rows, marked }: Grid<T>, width: number, paint: Paint): string[] {
  const [first, ...others] = columns;
  if (!first) return [];
  const longest = Math.max(0, ...rows.map((row) => first.value(row).length));
  const shown = fitting(others, width - Math.max(LEAST_FIRST, Math.min(MOST_FIRST, longest)));
  const firstWidth = width - shown.reduce((sum, each) => sum + each.width + 1, 0);
  const all = [{ ...first, width: firstWidth }, ...shown];
  const head = all.map(({ title, width: cell, isRight }) => padded(title, cell, isRight)).join(" ");
  const lines = rows.map((row) => {
    const cells = all.map(({ value, width: cell, isRight, style }) => {
      const text = padded(value(row), cell, isRight);
      const colour = style?.(row);
      return colour === undefined || marked?.(row) ? text : paint(colour, text);
    });
    return marked?.(row) ? paint("inverse", cells.join(" ")) : cells.join(" ");
  });
  return [paint("bold", head), ...lines];
}

function fitting<T>(columns: readonly GridColumn<T>[], room: number): GridColumn<T>[] {
  let left = room;
  const shown: GridColumn<T>[] = [];
  for (const column of columns) {
    left -= column.width + 1;
    if (left < 0) break;
    shown.push(column);
  }
  return shown;
}

/** Cut with `…` where it is too long. */
export function padded(text: string, width: number, isRight = false): string {
  const fit = text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…`.slice(0, width) : text;
  return isRight ? fit.padStart(width) : fit.padEnd(width);
}
