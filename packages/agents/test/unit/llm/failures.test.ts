import { APICallError } from "@ai-sdk/provider";
import { ERROR_CODES, MeshError } from "@shoal/mesh";
import { expect, test } from "vitest";
import { failureOf } from "../../../src/llm/failure-of.ts";
import { FAILURES, type FailureKind, failure, kindOf } from "../../../src/llm/failures.ts";

const model = { name: "openai::gpt-4o", secrets: ["hunter2-hunter2"] };

function refusal(
  statusCode: number,
  message = "",
  headers: Record<string, string> = {},
  body = "",
): APICallError {
  return new APICallError({
    message,
    url: "http://127.0.0.1",
    requestBodyValues: { prompt: "private" },
    statusCode,
    responseHeaders: headers,
    responseBody: body,
  });
}

test.each<[unknown, FailureKind]>([
  [refusal(429), "rate_limited"],
  [refusal(429, "quota", {}, '{"code":"insufficient_quota"}'), "quota_exhausted"],
  [refusal(402), "quota_exhausted"],
  [refusal(401), "unauthorized"],
  [refusal(403), "unauthorized"],
  [refusal(403, "blocked by our content policy"), "refused"],
  [refusal(404), "no_such_model"],
  [refusal(413), "context_overflow"],
  [refusal(400, "prompt is too long: 210000 tokens"), "context_overflow"],
  [refusal(400, "flagged by the content_filter"), "refused"],
  [refusal(422, "temperature must be at most 1"), "invalid_request"],
  [refusal(500), "provider_error"],
  [refusal(503), "provider_overloaded"],
  [refusal(529, "Overloaded"), "provider_overloaded"],
  [new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED 127.0.0.1:9") }), "unreachable"],
  [new SyntaxError("Unexpected token"), "broken_stream"],
  ["said so", "broken_stream"],
])("%s is %s", (thrown, kind) => {
  const error = failureOf(thrown, model);
  expect(kindOf(error)).toBe(kind);
  expect(error.code).toBe(FAILURES[kind].code);
  expect(error.retryable).toBe(FAILURES[kind].retryable);
});

test("the time to wait is the provider's, in any of its forms, and never more than ten minutes", () => {
  const after = (headers: Record<string, string>): number | undefined =>
    failureOf(refusal(429, "", headers), model).retryAfterS;
  expect(after({ "retry-after": "7" })).toBe(7);
  expect(after({ "retry-after-ms": "250", "retry-after": "7" })).toBe(0.25);
  expect(after({ "retry-after": new Date(Date.now() + 30_000).toUTCString() })).toBeCloseTo(30, -1);
  expect(after({ "retry-after": "1e9" })).toBe(600);
  expect(after({ "retry-after": "soon" })).toBe(1);
  expect(after({})).toBe(1);
  expect(failureOf(refusal(500, "", { "retry-after": "7" }), model).retryAfterS).toBeUndefined();
});

test("an error holds no key and nothing of what was asked", () => {
  const told = failureOf(refusal(401, "the key hunter2-hunter2, or AIzaSyA1234567890, is wrong"), model);
  expect(told.message).toBe(
    "openai::gpt-4o: its provider does not accept the key: the key …, or …, is wrong",
  );
  expect(JSON.stringify([told, told.cause])).not.toContain("private");
});

test("an error of the mesh stays what it is, and is of no kind", () => {
  const error = new MeshError("cancelled", "enough");
  expect(failureOf(error, model)).toBe(error);
  expect(kindOf(error)).toBeUndefined();
  expect(kindOf(new MeshError("conflict", "x", { details: { kind: "other" } }))).toBeUndefined();
});

test("every kind has a code that there is, and is retryable only where its code may be", () => {
  for (const [kind, { code, retryable }] of Object.entries(FAILURES)) {
    expect(Object.keys(ERROR_CODES), kind).toContain(code);
    expect(failure(kind as FailureKind, "x").retryable).toBe(retryable);
    if (retryable) expect(ERROR_CODES[code].retryable, kind).toBe(true);
  }
});
