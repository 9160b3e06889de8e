import { MeshError } from "./errors.ts";

/** Milliseconds, or a number with a unit: `"250ms"`, `"10s"`, `"5m"`, `"2h"`, `"1d"`. */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h" | "d"}`;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Durations that were read before: programs have few, and calls name them again and again. */
const KNOWN = new Map<string, number>();
const MOST_KNOWN = 256;

/** Milliseconds of a duration. @throws MeshError `bad_request` when it is not one, or is negative. */
export function toMs(duration: number | string, what = "duration"): number {
  const known = typeof duration === "string" ? KNOWN.get(duration) : undefined;
  if (known !== undefined) return known;
  const match =
    typeof duration === "string" ? /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(duration.trim()) : null;
  const ms = match ? Number(match[1]) * (UNIT_MS[match[2] ?? ""] ?? NaN) : Number(duration);
  if (Number.isFinite(ms) && ms >= 0 && (match || typeof duration === "number")) {
    if (typeof duration === "string" && KNOWN.size < MOST_KNOWN) KNOWN.set(duration, ms);
    return ms;
  }
  throw new MeshError(
    "bad_request",
    `${what} ${JSON.stringify(duration)} is not a duration: use milliseconds (250) or a number with a unit ("250ms", "10s", "5m", "2h", "1d").`,
  );
}
