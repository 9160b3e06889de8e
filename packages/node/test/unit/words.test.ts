import { expect, test } from "vitest";
import { wordsOf } from "../../src/process/words.ts";

test.each([
  [new Error("it broke"), "it broke"],
  [new TypeError(), "TypeError"],
  ["a text", "a text"],
  [undefined, "undefined"],
  [{ status: 500 }, "{ status: 500 }"],
  [Object.create(null), "[Object: null prototype] {}"],
])("%#: whatever was thrown has words", (thrown, words) => {
  expect(wordsOf(thrown)).toBe(words);
});

test("what throws when it is looked at has words too", () => {
  const hostile = Object.defineProperty(new Error(), "message", {
    get() {
      throw new Error("no");
    },
  });
  expect(wordsOf(hostile)).toBe("a thrown object");
});

test("they are cut to what fits anywhere", () => {
  expect(wordsOf(new Error("x".repeat(3_000_000)))).toBe(`${"x".repeat(1_000)}…`);
});
