import { expect, test } from "vitest";
import { target, tiedTarget } from "../../src/report.ts";

test.each([
  [2.1, ">=", 2, true],
  [1.99, ">=", 2, false],
  [0.5, "<=", 0.5, true],
  [0.51, "<=", 0.5, false],
  [null, "<=", 1, false],
  [NaN, ">=", 0, false],
] as const)("%d %s %d: %s", (value, op, wanted, ok) => {
  expect(target("figure", value, op, wanted).ok).toBe(ok);
});

test.each([
  ["met outright", { median: 0.98, low: 0.9, high: 1.1 }, { ok: true }],
  [
    "short by little, and the interval reaches it",
    { median: 1.03, low: 0.99, high: 1.08 },
    { ok: true, tie: true },
  ],
  ["short by little, and known to be", { median: 1.03, low: 1.01, high: 1.05 }, { ok: false }],
  ["short by much, however wide the interval", { median: 1.2, low: 0.7, high: 1.6 }, { ok: false }],
])("where a tie is as good: %s", (_what, found, expected) => {
  const judged = tiedTarget("p50", found, "<=", 1);
  expect({ ok: judged.ok, ...(judged.tie ? { tie: true } : {}) }).toEqual(expected);
});

test("what was not measured is no tie", () => {
  expect(tiedTarget("p50", null, "<=", 1)).toMatchObject({ value: null, ok: false });
});
