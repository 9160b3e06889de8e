import { z } from "zod";
import type { PlainShape } from "../protocol/plain.ts";
import { MeshError } from "../errors.ts";

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

export interface Issue {
  /** Where, such as `items[2].name`; empty for the value itself. */
  path: string;
  message: string;
}

/** Checks values against one schema; built once for each method. */
export class Validator {
  private readonly schema: z.ZodType;
  /** Some schemas can only be checked asynchronously; the first value tells. */
  private isAsync = false;

  constructor(schema: z.ZodType) {
    this.schema = schema;
  }

  /** The parsed value, or a promise of it where the schema needs one. @throws (or rejects with) `Invalid` */
  check(value: unknown): unknown {
    if (this.isAsync) return this.checkAsync(value);
    let result: z.ZodSafeParseResult<unknown>;
    try {
      result = this.schema.safeParse(value);
    } catch (error) {
      if (!(error instanceof z.core.$ZodAsyncError)) throw error;
      this.isAsync = true;
      return this.checkAsync(value);
    }
    if (result.success) return result.data;
    throw new Invalid(result.error);
  }

  private async checkAsync(value: unknown): Promise<unknown> {
    const result = await this.schema.safeParseAsync(value);
    if (result.success) return result.data;
    throw new Invalid(result.error);
  }
}

/** A value that does not fit its schema. */
export class Invalid extends Error {
  readonly issues: readonly Issue[];

  constructor(error: z.ZodError) {
    const issues = error.issues.map((issue) => ({ path: pathOf(issue.path), message: issue.message }));
    super(issues.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join("; "));
    this.issues = issues;
  }

  /** `bad_request` for an input: the caller's fault. */
  asInputError(target: string): MeshError {
    return new MeshError("bad_request", `the input of ${target} is not valid: ${this.message}.`, {
      details: this.issues,
    });
  }

  /** `internal` for a result: the agent's fault. */
  asOutputError(target: string): MeshError {
    return new MeshError(
      "internal",
      `${target} gave a result that its own contract forbids: ${this.message}.`,
      {
        details: this.issues,
      },
    );
  }
}

function pathOf(path: readonly PropertyKey[]): string {
  let text = "";
  for (const key of path)
    text += typeof key === "number" ? `[${key}]` : text ? `.${String(key)}` : String(key);
  return text;
}
