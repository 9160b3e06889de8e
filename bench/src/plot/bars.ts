import { figure } from "../report.ts";
import { layAxis, type Axis } from "./axis.ts";
import type { Bar, BarPlot, Reference } from "./plot.ts";
import { MARGIN, sheet, TOP, WIDTH } from "./sheet.ts";
import { element, label, widthOf } from "./svg.ts";

const FONT = 12;
const ROW = 24;
const BAR = 15;
const GROUP_HEAD = 26;
const GROUP_GAP = 10;
const AXIS_ROOM = 44;
const LEGEND_ROOM = 22;
/** Room right of the longest bar for its figure. */
const VALUE_ROOM = 70;

/** Draws horizontal bars: their names on the left, their figures behind them, intervals as whiskers. */
export function drawBars({ title, subtitle, axis: axisName, unit, reference, groups }: BarPlot): string {
  const bars = groups.flatMap((group) => group.bars);
  const names = Math.max(60, ...bars.map((bar) => widthOf(bar.label, FONT)));
  const values = bars.flatMap(({ value, low, high, wanted }) => [value, low ?? 0, high ?? 0, wanted ?? 0]);
  const axis = layAxis(
    [...values, reference?.value ?? 0],
    MARGIN + names + 12,
    WIDTH - MARGIN - VALUE_ROOM,
    8,
  );

  const top = TOP + (reference ? 16 : 0);
  const drawn: string[] = [];
  let y = top;
  for (const group of groups) {
    drawn.push(label(MARGIN, y + 17, group.title, "group"));
    y += GROUP_HEAD;
    // Beside the bars alone: a line would run through a long title.
    drawn.push(...grid(axis, reference, y, y + group.bars.length * ROW + GROUP_GAP / 2));
    for (const bar of group.bars) {
      drawn.push(drawBar(bar, axis, y, unit));
      y += ROW;
    }
    y += GROUP_GAP;
  }
  const marks = bars.some(({ wanted }) => wanted !== undefined);
  const middle = (axis.at(axis.ticks[0] ?? 0) + axis.at(axis.ticks.at(-1) ?? 0)) / 2;
  const words = [
    ...axis.ticks.map((tick) => label(axis.at(tick), y + 16, figure(tick), "tick", "middle")),
    label(middle, y + 34, axisName, "muted", "middle"),
    ...(reference ? [label(axis.at(reference.value), top - 4, reference.label, "tick", "middle")] : []),
  ];
  const height = y + AXIS_ROOM + (marks ? LEGEND_ROOM : 0);
  return sheet(title, subtitle, height, [...words, ...drawn, ...(marks ? legend(height - 16) : [])]);
}

function drawBar(
  { label: name, value, low, high, wanted, role = "other" }: Bar,
  axis: Axis,
  y: number,
  unit: string,
): string {
  const middle = y + ROW / 2;
  const text = middle + 4;
  const zero = axis.at(0);
  const kind = role === "ours" ? "ours-text" : "";
  const parts = [label(axis.at(axis.ticks[0] ?? 0) - 8, text, name, kind, "end")];
  if (!Number.isFinite(value)) return [...parts, label(zero + 6, text, "not measured", "muted")].join("\n");
  const end = axis.at(value);
  const box = { x: Math.min(zero, end), y: middle - BAR / 2, width: Math.abs(end - zero), height: BAR };
  parts.push(element("rect", { ...box, rx: 2, class: role }));
  if (low !== undefined && high !== undefined) {
    const [from, to] = [axis.at(low), axis.at(high)];
    const cap = `v-8 m0 4`;
    const path = `M${px(from)} ${px(middle + 4)} ${cap} H${px(to)} m0 4 v-8`;
    parts.push(element("path", { d: path, class: "whisker" }));
  }
  if (wanted !== undefined) parts.push(vertical(axis.at(wanted), y + 1, y + ROW - 1, "wanted"));
  const right = Math.max(end, zero, axis.at(high ?? value), wanted === undefined ? 0 : axis.at(wanted));
  parts.push(label(right + 7, text, figure(value, unit), kind));
  return parts.join("\n");
}

function grid(axis: Axis, reference: Reference | undefined, from: number, to: number): string[] {
  return [
    ...axis.ticks.map((tick) => vertical(axis.at(tick), from, to, tick === 0 ? "zero" : "grid")),
    ...(reference ? [vertical(axis.at(reference.value), from, to, "reference")] : []),
  ];
}

function legend(y: number): string[] {
  return [vertical(MARGIN + 4, y - 10, y + 3, "wanted"), label(MARGIN + 14, y, "target", "tick")];
}

function vertical(x: number, y1: number, y2: number, kind: string): string {
  return element("line", { x1: x, x2: x, y1, y2, class: kind });
}

function px(value: number): string {
  return String(Number(value.toFixed(1)));
}
