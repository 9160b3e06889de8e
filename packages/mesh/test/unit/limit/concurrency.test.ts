import { expect, test } from "vitest";
import { checkConcurrency, concurrencyText } from "../../../src/limit/concurrency.ts";

test.each<[unknown, string]>([
  [0, "concurrency is 0; it must be a whole number from 1."],
  [1.5, "concurrency is 1.5; it must be a whole number from 1."],
  ["4", 'concurrency is "4"; it must be a whole number from 1.'],
  [null, "concurrency is null; it must be a whole number from 1."],
  [{}, "concurrency.policy is undefined; it must be one of simple, aimd, gradient."],
  [{ policy: "vegas" }, 'concurrency.policy is "vegas"; it must be one of simple, aimd, gradient.'],
  [{ policy: "aimd", min: 0 }, "concurrency.min is 0; it must be a whole number from 1."],
  [{ policy: "aimd", max: 2.5 }, "concurrency.max is 2.5; it must be a whole number from 1."],
  [{ policy: "aimd", min: 5, max: 4 }, "concurrency.max is 4; it must be at least min, which is 5."],
  [{ policy: "simple", min: 11 }, "concurrency.max is 10; it must be at least min, which is 11."],
  [{ policy: "aimd", target: "soon" }, 'concurrency.target "soon" is not a duration'],
  [{ policy: "aimd", target: 0 }, "concurrency.target is 0; it must be longer than 0."],
  [{ policy: "aimd", limit: 3 }, 'it must be one of policy, min, max, target and no "limit".'],
])("%o is refused with a sentence that says why", (given, message) => {
  expect(() => checkConcurrency("concurrency", given as never)).toThrow(
    expect.objectContaining({ code: "bad_request", message: expect.stringContaining(message) as string }),
  );
});

test("as people read it", () => {
  expect(concurrencyText(4)).toBe("4");
  expect(concurrencyText({ policy: "gradient" })).toBe("gradient 1–200");
  expect(concurrencyText({ policy: "simple", min: 3 })).toBe("simple 3–10");
});
