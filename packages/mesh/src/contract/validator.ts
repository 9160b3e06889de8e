import type { z } from "zod";
import { MeshError } from "../errors.ts";
import { holdsCode } from "./schema-code.ts";

/** Checks values against one schema; built once for each method. */
export class Validator {
  private readonly schema: z.ZodType;
  /** Undefined until the first value comes: most methods of most agents are never called. */
  private holdsCode: boolean | undefined;

  constructor(schema: z.ZodType) {
    this.schema = schema;
  }

  /** The parsed value, or a promise of it where the schema needs one. @throws (or rejects with) `Invalid` */
  check(value: unknown): unknown {
    this.holdsCode ??= holdsCode(this.schema);
    if (this.holdsCode) return this.checkWithCode(value);
    const result = this.schema.safeParse(value);
    if (result.success) return result.data;
    throw new Invalid(result.error);
  }

  /**
   * The schema's own functions may be asynchronous, and only running them tells. Trying `safeParse` first would leave
   * behind a promise that nobody waits for, whose rejection ends the process.
   */
  private checkWithCode(value: unknown): unknown {
    const ran = this.schema._zod.run({ value, issues: [] }, { async: true });
    if (ran instanceof Promise) return this.checkAsync(value, ran);
    if (ran.issues.length === 0) return ran.value;
    const result = this.schema.safeParse(value);
    if (result.success) return result.data;
    throw new Invalid(result.error);
  }

  private async checkAsync(value: unknown, running: Promise<z.core.ParsePayload>): Promise<unknown> {
    const ran = await running;
    if (ran.issues.length === 0) return ran.value;
    const result = await this.schema.safeParseAsync(value);
    if (result.success) return result.data;
    throw new Invalid(result.error);
  }
}

export interface Issue {
  /** Where, such as `items[2].name`; empty for the value itself. */
  path: string;
  message: string;
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
      { details: this.issues },
    );
  }
}

function pathOf(path: readonly PropertyKey[]): string {
  let text = "";
  for (const key of path)
    text += typeof key === "number" ? `[${key}]` : text ? `.${String(key)}` : String(key);
  return text;
}
