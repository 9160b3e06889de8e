import { expect, test } from "vitest";
import { type ErrorCode, MeshError } from "../../../src/errors.ts";
import { ActorFixture } from "../../support/actor-fixture.ts";

const nested = (code: ErrorCode, agent?: string): MeshError =>
  new MeshError(code, "try again", { agent, method: agent && "book", retryAfterS: 2 });

function failure(error: MeshError, idempotent = false): MeshError | undefined {
  const run = (): never => {
    throw error;
  };
  return ActorFixture.of(run, { method: { idempotent } }).offer().failure;
}

test.each<ErrorCode>(["unavailable", "overloaded"])(
  "a nested %s is not retryable: the handler around it has begun",
  (code) => {
    expect(failure(nested(code, "hotel"))).toMatchObject({
      code,
      retryable: false,
      retryAfterS: 2,
      message: "tester.run had begun, and its call of hotel.book failed: try again",
    });
  },
);

test("a nested failure stays retryable where the method is idempotent", () => {
  expect(failure(nested("unavailable", "hotel"), true)).toMatchObject({
    code: "unavailable",
    retryable: true,
    message: expect.stringContaining("hotel.book") as string,
  });
});

test("codes that say the work may have run, and errors of the handler's own, are left as they are", () => {
  for (const error of [nested("replica_lost", "hotel"), nested("overloaded")])
    expect(failure(error)).toBe(error);
});
