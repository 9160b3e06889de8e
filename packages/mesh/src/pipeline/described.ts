import { z } from "zod";
import { jsonSchemaOf } from "../contract/schema.ts";

/**
 * A schema that reads like another one and lets everything through: what passes was checked by whoever made it, and
 * checking it twice would run a schema's transforms twice.
 */
export function described<T>(schema: z.ZodType, io: "input" | "output"): z.ZodType<T> {
  return z.unknown().meta(jsonSchemaOf(schema, io)) as unknown as z.ZodType<T>;
}
