import { type Duration, toMs } from "@shoal/mesh";
import { z } from "zod";

export const duration: z.ZodType<Duration> = z.custom<Duration>(
  isDuration,
  'not a duration: write 250 (milliseconds), "250ms", "10s", "5m" or "2h"',
);

/** Of what makes no sense without any time. */
export const positiveDuration: z.ZodType<Duration> = duration.refine(
  (value) => toMs(value) > 0,
  "must be longer than 0",
);

export function isDuration(value: unknown): value is Duration {
  if (typeof value !== "number" && typeof value !== "string") return false;
  try {
    toMs(value);
    return true;
  } catch {
    return false;
  }
}
