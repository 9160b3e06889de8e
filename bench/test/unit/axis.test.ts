import { expect, test } from "vitest";
import { layAxis } from "../../src/plot/axis.ts";

test.each([
  [
    [2.13, 2.4],
    [0, 0.5, 1, 1.5, 2, 2.5],
  ],
  [[0.3], [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]],
  [
    [27_300, 41_000],
    [0, 10_000, 20_000, 30_000, 40_000, 50_000],
  ],
  [
    [-3, 8],
    [-4, -2, 0, 2, 4, 6, 8],
  ],
  [[0], [0, 0.2, 0.4, 0.6, 0.8, 1]],
  [
    [NaN, Infinity, 2],
    [0, 0.5, 1, 1.5, 2],
  ],
])("an axis for %j has round marks and holds 0 and every value", (values, ticks) => {
  expect(layAxis(values, 100, 500, 6).ticks).toEqual(ticks);
});

test("places lie between the ends, in proportion", () => {
  const axis = layAxis([10], 100, 500, 5);
  expect([0, 5, 10].map(axis.at)).toEqual([100, 300, 500]);
  const upwards = layAxis([10], 500, 100, 5);
  expect(upwards.at(10)).toBe(100);
});
