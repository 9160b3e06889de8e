import { z } from "zod";

/** Requests that each replica takes. */
export const rateLimit: z.ZodObject<{ perSecond: z.ZodNumber; burst: z.ZodOptional<z.ZodInt> }> =
  z.strictObject({
    perSecond: z.number().positive(),
    /** Default: those of a second. */
    burst: z.int().min(1).optional(),
  });
