import type { Estimate } from "../stats.ts";
import type { Bar } from "./plot.ts";

/** A median as a bar, with its 95 % interval. */
export function estimateBar(label: string, { median, low, high }: Estimate): Bar {
  return { label, value: median, low, high };
}
