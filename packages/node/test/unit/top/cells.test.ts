import { expect, test } from "vitest";
import { bar, briefNumber, briefTime, percent } from "../../../src/top/cells.ts";

test.each([
  [null, "-"],
  [0, "0µs"],
  [0.85, "850µs"],
  [0.9996, "1ms"],
  [4.94, "4.9ms"],
  [9.96, "10ms"],
  [999.6, "1s"],
  [2_400, "2.4s"],
  [61_000, "61s"],
  [99_600, "2m"],
  [5_969_000, "99m"],
  [5_970_000, "2h"],
  [864_000_000, "10d"],
])("%s ms is %s", (ms, text) => expect(briefTime(ms)).toBe(text));

test.each([
  [null, "-"],
  [0, "0"],
  [0.34, "0.3"],
  [9.96, "10"],
  [999.6, "1k"],
  [1_234, "1.2k"],
  [34_600, "35k"],
  [999_600, "1M"],
  [1_200_000, "1.2M"],
])("%s is %s", (number, text) => expect(briefNumber(number)).toBe(text));

test("no time and no number is wider than five characters", () => {
  for (let exponent = -6; exponent < 11; exponent += 0.01) {
    expect(briefTime(10 ** exponent).length, `${10 ** exponent} ms`).toBeLessThanOrEqual(5);
    expect(briefNumber(10 ** Math.min(exponent, 9)).length).toBeLessThanOrEqual(5);
  }
});

test("a bar has its width, whatever the share", () => {
  expect([0, 0.5, 0.52, 1, 7, -1].map((share) => bar(share, 4))).toEqual([
    "····",
    "██··",
    "██▏·",
    "████",
    "████",
    "····",
  ]);
  for (let share = 0; share <= 1; share += 0.001) expect(bar(share, 6)).toHaveLength(6);
});

test("a share of nothing is empty, and a small one is not none", () => {
  expect([
    percent(null, 5),
    percent(0, 5),
    percent(1, 0),
    percent(1, 1_000),
    percent(1, 4),
    percent(9, 4),
  ]).toEqual(["", "", "", "<1", "25", "100"]);
});
