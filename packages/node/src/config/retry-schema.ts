import type { RetryOptions } from "@shoal/mesh";
import { z } from "zod";
import { duration } from "./duration.ts";
import { picked } from "./picked.ts";

const options = z.strictObject({
  attempts: z.int().min(1).optional(),
  backoff: duration.optional(),
  factor: z.custom<number>(isFactor, "must be a number from 1").optional(),
  maxBackoff: duration.optional(),
  jitter: z.enum(["decorrelated", "full", "none"]).optional(),
  budget: z.custom<`${number}%` | number>(isBudget, 'must be a share such as "20%" or 0.2').optional(),
});

/** What there is to set. */
export const retryOptions: z.ZodObject = options;

/** Attempts: how many, `false` for one, or how they are made. */
export const retry: z.ZodType<RetryOptions | number | false> = picked<RetryOptions | number | false>(
  (value) => (typeof value === "number" ? z.int().min(1) : value === false ? z.literal(false) : options),
);

function isFactor(value: unknown): boolean {
  return typeof value === "number" && value >= 1;
}

function isBudget(value: unknown): boolean {
  const percent = typeof value === "string" ? /^(\d+(?:\.\d+)?)\s*%$/.exec(value.trim()) : null;
  const share = percent ? Number(percent[1]) / 100 : value;
  return typeof share === "number" && share >= 0 && share <= 10;
}
