import type { z } from "zod";
import { type Invalid, Validator } from "../contract/validator.ts";
import { ERROR_CODES, type ErrorCode, isErrorCode } from "../errors.ts";
import { wrong } from "../policy/options.ts";
import type { GateWork } from "./stage.ts";
import type { StageContext } from "./stage-context.ts";

/** True opens it; false closes it, and so does a text, which says why. */
export type GateTest<V> = (
  value: V,
  ctx: StageContext,
) => boolean | string | Promise<boolean> | Promise<boolean | string>;

/** @throws MeshError `bad_request` for what is neither a schema nor a function */
export function gateWork(given: z.ZodType | GateTest<never>, code: ErrorCode, where: string): GateWork {
  if (!isErrorCode(code))
    throw wrong(`${where}: code`, code, `one of ${Object.keys(ERROR_CODES).join(", ")}`);
  return { kind: "gate", code, test: typeof given === "function" ? testOf(given) : schemaTest(given, where) };
}

function testOf(test: GateTest<never>): GateWork["test"] {
  return async (value, ctx) => {
    const verdict = await test(value as never, ctx);
    if (verdict === true) return { value };
    return { why: typeof verdict === "string" ? verdict : "the value does not pass." };
  };
}

function schemaTest(schema: z.ZodType, where: string): GateWork["test"] {
  if (!(typeof schema === "object" && schema !== null && "_zod" in schema))
    throw wrong(where, schema, "a zod schema, or a function that tests the value");
  const validator = new Validator(schema);
  return async (value) => {
    try {
      return { value: await validator.check(value) };
    } catch (error) {
      return { why: `the value does not pass: ${(error as Invalid).message}.` };
    }
  };
}
