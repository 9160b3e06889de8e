import { figure } from "../report.ts";
import { layAxis, type Axis } from "./axis.ts";
import type { Line, LinePlot } from "./plot.ts";
import { MARGIN, sheet, TOP, WIDTH } from "./sheet.ts";
import { element, label, widthOf } from "./svg.ts";

const FONT = 12;
const HEIGHT = 360;
const BOTTOM = HEIGHT - 52;
const PALETTE = 5;
/** More points than this are drawn as a line alone. */
const DOTTED = 24;
/** Names of lines that end close together are kept this far apart. */
const NAME_GAP = 15;

/** Draws lines: their names stand where they end. */
export function drawLines({ title, subtitle, xAxis, yAxis, lines }: LinePlot): string {
  const known = lines
    .map((line) => ({
      ...line,
      points: line.points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y)),
    }))
    .filter(({ points }) => points.length > 0);
  const points = known.flatMap((line) => line.points);
  const top = TOP + 22;
  const y = layAxis(
    points.map(([, value]) => value),
    BOTTOM,
    top,
    6,
  );
  const left = MARGIN + 10 + Math.max(...y.ticks.map((tick) => widthOf(figure(tick), 11)));
  const names = Math.max(0, ...known.map((line) => widthOf(line.label, FONT)));
  const right = WIDTH - MARGIN - names - 10;
  const x = layAxis(
    points.map(([value]) => value),
    left,
    right,
    8,
  );
  const grid = [
    ...y.ticks.flatMap((tick) => [
      element("line", {
        x1: left,
        x2: right,
        y1: y.at(tick),
        y2: y.at(tick),
        class: tick === 0 ? "zero" : "grid",
      }),
      label(left - 7, y.at(tick) + 4, figure(tick), "tick", "end"),
    ]),
    ...x.ticks.map((tick) => label(x.at(tick), BOTTOM + 17, figure(tick), "tick", "middle")),
    label(MARGIN, TOP + 6, yAxis, "muted"),
    label((left + right) / 2, BOTTOM + 37, xAxis, "muted", "middle"),
  ];
  return sheet(title, subtitle, HEIGHT, [...grid, ...drawAll(known, x, y)]);
}

function drawAll(lines: readonly Line[], x: Axis, y: Axis): string[] {
  const heights = spread(lines.map((line) => y.at(line.points.at(-1)?.[1] ?? 0)));
  let others = 0;
  return lines.flatMap(({ label: name, points, role = "other" }, index) => {
    const colour = role === "ours" ? "var(--ours)" : `var(--line-${others++ % PALETTE})`;
    const places = points.map(([a, b]) => [x.at(a), y.at(b)] as const);
    const path = places.map(([a, b]) => `${a.toFixed(1)} ${b.toFixed(1)}`).join(" L");
    const dots = places.length > DOTTED ? [] : places;
    const dash = role === "limit" ? { "stroke-dasharray": "5 4" } : {};
    return [
      element("path", { d: `M${path}`, class: "line", style: `stroke: ${colour}`, ...dash }),
      ...dots.map(([cx, cy]) => element("circle", { cx, cy, r: 3, style: `fill: ${colour}` })),
      label(
        (places.at(-1)?.[0] ?? 0) + 8,
        (heights[index] ?? 0) + 4,
        name,
        role === "ours" ? "ours-text" : "",
      ),
    ];
  });
}

/** Moves heights apart, from the highest on the picture down, so that each has room for a name. */
export function spread(heights: readonly number[]): number[] {
  const order = heights.map((_, index) => index).sort((a, b) => (heights[a] ?? 0) - (heights[b] ?? 0));
  const moved = [...heights];
  let last = -Infinity;
  for (const index of order) {
    last = Math.max(moved[index] ?? 0, last + NAME_GAP);
    moved[index] = last;
  }
  return moved;
}
