import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ERROR_CODES, type ErrorCode, MeshError, isErrorCode, messageOf } from "../../../src/errors.ts";
import { asMeshError, errorOf, failureOf } from "../../../src/protocol/failure.ts";

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

describe("the taxonomy", () => {
  test("is this and nothing else", () => {
    const facts = CODES.map((code) => {
      const { status, retryable, mayHaveRun } = ERROR_CODES[code];
      return `${code} ${status}${retryable ? " retryable" : ""}${mayHaveRun ? " may have run" : ""}`;
    });
    expect(facts).toEqual([
      "bad_request 400",
      "unauthorized 401",
      "budget_exhausted 402 may have run",
      "forbidden 403",
      "not_found 404",
      "timeout 408 retryable may have run",
      "conflict 409",
      "too_large 413 may have run",
      "overloaded 429 retryable",
      "cancelled 499 may have run",
      "internal 500 may have run",
      "unavailable 503 retryable",
      "replica_lost 503 retryable may have run",
      "deadline_exceeded 504 may have run",
    ]);
  });

  test.each(CODES)("%s survives the wire with all its fields", (code) => {
    const error = new MeshError(code, "why", { retryAfterS: 1.5, details: { a: 1 }, retryable: true });
    const failure = failureOf(error);
    expect(failure).toEqual({
      error: code,
      message: "why",
      retryable: true,
      retry_after_s: 1.5,
      details: { a: 1 },
    });
    const where = { agent: "echo", method: "say", attempt: 2, replica: "r-1" };
    const back = errorOf(JSON.parse(JSON.stringify(failure)), where);
    expect(back).toMatchObject({
      code,
      message: "why",
      retryable: true,
      retryAfterS: 1.5,
      details: { a: 1 },
      ...where,
    });
    expect(back.status).toBe(ERROR_CODES[code].status);
  });

  test("what an error has not is not sent", () => {
    expect(failureOf(new MeshError("not_found", "x"))).toEqual({
      error: "not_found",
      message: "x",
      retryable: false,
    });
  });
});

describe("a failure from a peer", () => {
  test.each<[string, unknown, object]>([
    [
      "an unknown code",
      { error: "teapot", message: "m" },
      { code: "internal", message: "m", retryable: false },
    ],
    ["a code of Object's prototype", { error: "constructor" }, { code: "internal" }],
    [
      "no message",
      { error: "overloaded" },
      { code: "overloaded", message: "the peer gave no reason.", retryable: true },
    ],
    ["text", "it broke", { code: "internal", message: "it broke" }],
    ["nothing", undefined, { code: "internal", message: "the peer gave no reason." }],
    ["a delay that is none", { error: "overloaded", retry_after_s: NaN }, { retryAfterS: undefined }],
    ["a delay in the past", { error: "overloaded", retry_after_s: -1 }, { retryAfterS: undefined }],
    ["retryable that is no boolean", { error: "conflict", retryable: "yes" }, { retryable: false }],
  ])("%s", (_name, failure, expected) => {
    expect(errorOf(failure)).toMatchObject(expected);
  });

  test("whatever it is, it becomes a MeshError", () => {
    fc.assert(
      fc.property(fc.anything(), (any) => {
        const error = errorOf(any);
        expect(error).toBeInstanceOf(MeshError);
        expect(isErrorCode(error.code)).toBe(true);
        expect(error.message).not.toBe("");
      }),
    );
  });

  test("whatever is thrown becomes a MeshError that keeps it as its cause", () => {
    const own = new MeshError("conflict", "x");
    expect(asMeshError(own)).toBe(own);
    fc.assert(
      fc.property(fc.anything(), (any) => {
        const error = asMeshError(any);
        expect(error.code).toBe("internal");
        if (any !== undefined) expect(error.cause).toBe(any);
      }),
    );
    expect(messageOf(null)).toBe("a thrown null");
    expect(messageOf(new TypeError(""))).toBe("TypeError");
  });
});
