import { drawBars } from "./bars.ts";
import { drawLines } from "./lines.ts";
import type { Plot } from "./plot.ts";

/** The picture as an SVG file that needs nothing else: readable on light and dark pages. */
export function draw(plot: Plot): string {
  return plot.kind === "bars" ? drawBars(plot) : drawLines(plot);
}
