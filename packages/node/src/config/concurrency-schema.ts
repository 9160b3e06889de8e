import { type Concurrency, boundsOf } from "@shoal/mesh";
import { z } from "zod";
import { positiveDuration } from "./duration.ts";
import { picked } from "./picked.ts";

const bound = z.int().min(1);

const policy = z.strictObject({
  policy: z.enum(["simple", "aimd", "gradient"]),
  min: bound.optional(),
  max: bound.optional(),
  /** How long a request should take. */
  target: positiveDuration.optional(),
});

const ordered = policy.refine((given) => boundsOf(given).max >= boundsOf(given).min, {
  path: ["max"],
  message: "must be at least `min`",
});

/** What there is to set. */
export const concurrencyPolicy: z.ZodObject = policy;

/** Requests that a replica handles at once: so many, or as many as a policy finds. */
export const concurrency: z.ZodType<Concurrency> = picked<Concurrency>((value) =>
  typeof value === "object" && value !== null ? ordered : bound,
);
