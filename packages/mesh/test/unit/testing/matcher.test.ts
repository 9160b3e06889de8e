import * as fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { differencesOf } from "../../../src/testing/mock/matcher.ts";
import { show } from "../../../src/testing/mock/show.ts";

test("every value matches itself", () => {
  const matches = fc.property(fc.anything(), (value) => differencesOf(value, value).length === 0);
  fc.assert(matches, { numRuns: 300 });
});

test("a list or an object that lacks something, or has another value, differs there alone", () => {
  const matcher = { a: [{ b: 1, c: [1, 2] }], d: "x" };
  const paths = (actual: unknown): string[] => differencesOf(matcher, actual).map(({ path }) => path);
  expect(paths({ a: [{ b: 1, c: [1, 2], more: true }], d: "x", more: 1 })).toEqual([]);
  expect(paths({ a: [{ b: 1, c: [1, 3] }], d: "y" })).toEqual(["a[0].c[1]", "d"]);
  expect(paths({ a: [{ b: 1, c: [1] }], d: "x" })).toEqual(["a[0].c[1]"]);
  expect(paths({ a: [{ b: 1, c: [1, 2, 3] }], d: "x" })).toEqual(["a[0].c[2]"]);
  expect(paths({ a: "no list" })).toEqual(["a", "d"]);
  expect(paths("no object")).toEqual([""]);
  expect(paths(null)).toEqual([""]);
});

test.each([
  ["bytes", Uint8Array.of(1, 2), Uint8Array.of(1, 2), Uint8Array.of(1, 3)],
  ["dates", new Date(1), new Date(1), new Date(2)],
  ["text by pattern, also a global one", /b/g, "abc", "xyz"],
  ["a pattern and no text", /1/, "1", 1],
  ["schemas", z.int().min(3), 3, 2],
  ["matchers of vitest", expect.any(Number), 3, "3"],
  ["predicates within", { n: (n: number) => n > 2 }, { n: 3 }, { n: 2 }],
  ["undefined is no default", { a: undefined }, {}, { a: 1 }],
])("%s", (_what, matcher, yes, no) => {
  for (let again = 0; again < 2; again++) {
    expect(differencesOf(matcher, yes)).toEqual([]);
    expect(differencesOf(matcher, no)).toHaveLength(1);
  }
});

test("what is shown fits on a line, and says patterns in words", () => {
  const shown = show({
    a: /x/,
    b: z.string(),
    c: [(n: number) => n > 2],
    d: expect.objectContaining({ e: 1 }),
  });
  expect(shown).toBe(
    `{ a: /x/, b: what fits its schema, c: [ what fits (n) => n > 2 ], d: ObjectContaining { e: 1 } }`,
  );
  expect(show("x".repeat(10_000)).length).toBeLessThan(300);
  expect(show(Array.from({ length: 100 }, () => "x".repeat(100))).length).toBeLessThan(500);
});
