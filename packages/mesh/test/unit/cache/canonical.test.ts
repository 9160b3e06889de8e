import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalKey, canonicalText, digestOf } from "../../../src/cache/canonical.ts";

const bytes = (...each: number[]): Uint8Array => Uint8Array.of(...each);

/** Few values of many kinds, so that equal ones are common. */
const scalar = fc.constantFrom<unknown>(
  0,
  -0,
  1,
  97,
  "",
  "0",
  "1",
  "a",
  "null",
  '"a"',
  "\uD800",
  null,
  undefined,
  true,
  false,
  1n,
  -1n,
  NaN,
  Infinity,
  new Date(0),
  new Date(1),
  bytes(),
  bytes(97),
  Buffer.from("a"),
);
const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    scalar,
    fc.array(tie("any"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "c", '"', "a:1"), tie("any"), { maxKeys: 3 }),
  ),
})).any;

/** What a handler can tell apart, in a form that can be compared. */
function plain(each: unknown): unknown {
  if (typeof each === "number") return each + 0;
  if (each instanceof Uint8Array) return { bytes: [...each] };
  if (each instanceof Date) return { date: each.getTime() };
  if (Array.isArray(each)) return { items: each.map(plain) };
  if (typeof each !== "object" || each === null) return each;
  const fields = Object.entries(each).filter(([, field]) => field !== undefined);
  return { fields: new Map(fields.map(([key, field]) => [key, plain(field)])) };
}

/** The same for a handler: fields the other way round, some that are not there, zeros with the other sign. */
function disguised(each: unknown): unknown {
  if (each === 0) return Object.is(each, 0) ? -0 : 0;
  if (each instanceof Uint8Array) return Buffer.from(each);
  if (each instanceof Date) return new Date(each);
  if (Array.isArray(each)) return each.map(disguised);
  if (typeof each !== "object" || each === null) return each;
  const fields = Object.entries(each).toReversed();
  return Object.fromEntries([["z", undefined], ...fields.map(([key, field]) => [key, disguised(field)])]);
}

test("K19: what a handler cannot tell apart has one text", () => {
  fc.assert(fc.property(value, (each) => canonicalText(each) === canonicalText(disguised(each))));
});

test("K19: two inputs have one text if and only if a handler cannot tell them apart", () => {
  fc.assert(
    fc.property(value, value, (a, b) => {
      const isSame = isDeepStrictEqual(plain(a), plain(b));
      expect(canonicalText(a) === canonicalText(b)).toBe(isSame);
    }),
    { numRuns: 2_000 },
  );
});

test("K19: text, numbers and bytes that look alike have different keys", () => {
  const alike = ["a", 97, 97n, bytes(97), ["a"], { a: "a" }, "97", Float32Array.of(97), new Date(97)];
  expect(new Set(alike.map((each) => canonicalKey("ask", each))).size).toBe(alike.length);
  expect(canonicalKey("ask", "a")).not.toBe(canonicalKey("tell", "a"));
  expect(digestOf("a")).toMatch(/^[A-Za-z0-9_-]{43}$/);
});

test("what hides what it holds has no text", () => {
  const circle: unknown[] = [];
  circle.push(circle);
  const hidden = [
    new Map([[1, 2]]),
    new Set([1]),
    () => 1,
    Symbol("a"),
    circle,
    new Date(NaN),
    new Error("x"),
  ];
  for (const each of [...hidden, { deep: [hidden[0]] }]) expect(canonicalText(each)).toBeUndefined();
});
