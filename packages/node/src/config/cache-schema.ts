import type { CacheOptions, Duration } from "@shoal/mesh";
import { z } from "zod";
import { duration, positiveDuration } from "./duration.ts";
import { picked } from "./picked.ts";

/** How a method's answers are kept; what is left out is as the module has it. */
export type CacheEntry = Omit<CacheOptions, "ttl" | "key" | "tags"> & {
  readonly ttl?: Duration | undefined;
  readonly tags?: readonly string[] | undefined;
};

const settings = z.strictObject({
  ttl: positiveDuration.optional(),
  staleWhileRevalidate: duration.optional(),
  errorTtl: duration.optional(),
  max: z.int().min(1).max(10_000_000).optional(),
  maxBytes: z.int().min(1).optional(),
  jitter: z.number().min(0).max(1).optional(),
  tags: z.array(z.string().min(1)).optional(),
  shared: z.boolean().optional(),
});

/** What there is to set. */
export const cacheSettings: z.ZodObject = settings;

const one = picked<CacheEntry | false>((value) => (value === false ? z.literal(false) : settings));

/** By method. */
export const caches: z.ZodType<Readonly<Record<string, CacheEntry | false>>> = z.record(z.string(), one);
