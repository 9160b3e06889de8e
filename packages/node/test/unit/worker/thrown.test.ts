import { MeshError } from "@shoal/mesh";
import { expect, test } from "vitest";
import { errorFrom, thrownOf } from "../../../src/worker/thrown.ts";

function crossed(thrown: unknown): Error {
  return errorFrom(structuredClone(thrownOf(thrown)));
}

test("a mesh error is the same error", () => {
  const facts = {
    retryable: true,
    retryAfterS: 2,
    agent: "a",
    method: "b",
    attempt: 3,
    replica: "r",
    details: [1],
  };
  const error = new MeshError("timeout", "too slow", { ...facts, cause: new TypeError("root") });
  const copy = crossed(error);
  expect(copy).toBeInstanceOf(MeshError);
  expect((copy as MeshError).toJSON()).toEqual(error.toJSON());
  expect(copy.stack).toBe(error.stack);
  expect(copy.cause).toMatchObject({ name: "TypeError", message: "root" });
});

test("other errors keep name, stack and code", () => {
  const error = Object.assign(new RangeError("far"), { code: "ERR_FAR", own: () => 1 });
  expect(crossed(error)).toMatchObject({
    name: "RangeError",
    message: "far",
    code: "ERR_FAR",
    stack: error.stack,
  });
  expect(crossed(new DOMException("stop", "AbortError"))).toMatchObject({
    name: "AbortError",
    message: "stop",
  });
});

test.each([
  ["words", "words"],
  [undefined, "a thrown undefined"],
  [null, "a thrown null"],
  [{ a: 1 }, "a thrown object"],
])("what is no error becomes one: %j", (thrown, message) => {
  expect(crossed(thrown)).toMatchObject({ name: "Error", message });
});

test("details that cannot be cloned become text; causes in a circle come to an end", () => {
  const error = new MeshError("conflict", "no", { details: { retry: () => 1 } });
  expect(crossed(error)).toMatchObject({ details: expect.stringContaining("retry") as string });
  const a = new Error("a");
  a.cause = new Error("b", { cause: a });
  expect(crossed(a)).toMatchObject({ cause: { message: "b", cause: { message: "a" } } });
});
