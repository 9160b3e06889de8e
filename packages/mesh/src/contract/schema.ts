import { z } from "zod";
import type { PlainShape } from "../protocol/plain.ts";

/** JSON Schema of what a caller sends (`input`) or gets (`output`); what has no JSON form is `{}`. */
export function jsonSchemaOf(schema: z.ZodType, io: "input" | "output"): Record<string, unknown> {
  const {
    $schema: _schema,
    "~standard": _standard,
    ...rest
  } = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Record<string, unknown>;
  return rest;
}

/** How bare text is understood by a method with this input. */
export function plainShapeOf(input: z.ZodType): PlainShape {
  const schema = jsonSchemaOf(input, "input");
  if (schema["type"] === "string") return { kind: "string" };
  if (schema["type"] !== "object") return { kind: "other" };
  const required = Array.isArray(schema["required"]) ? (schema["required"] as string[]) : [];
  const properties = (schema["properties"] ?? {}) as Record<string, Record<string, unknown> | undefined>;
  const only = required.length === 1 ? required[0] : undefined;
  return {
    kind: "object",
    textProperty: only !== undefined && properties[only]?.["type"] === "string" ? only : undefined,
  };
}
