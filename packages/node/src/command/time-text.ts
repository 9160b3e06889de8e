const UNITS = [
  [3_600_000, "h"],
  [60_000, "min"],
  [1_000, "s"],
] as const;

/** How long ago it was, in whole seconds. */
export function agoText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  return seconds === 0 ? "now" : `${timeText(seconds * 1_000)} ago`;
}

/** `250 ms`, `1.5 s`, `10 min`: a whole number of the largest unit that allows it, else of a smaller one. */
export function timeText(ms: number): string {
  const [unitMs, unit] = UNITS.find(([each]) => ms >= each && (ms % each === 0 || each === 1_000)) ?? [
    1,
    "ms",
  ];
  return `${Math.round((ms / unitMs) * 10) / 10} ${unit}`;
}
