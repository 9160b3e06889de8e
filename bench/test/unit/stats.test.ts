import { expect, test } from "vitest";
import { estimate, median, quantile } from "../../src/stats.ts";

test("a quantile lies between its neighbours, in whatever order they come", () => {
  const samples = [4, 1, 3, 2, 5];
  expect(quantile(samples, 0)).toBe(1);
  expect(quantile(samples, 0.5)).toBe(3);
  expect(quantile(samples, 0.99)).toBeCloseTo(4.96);
  expect(quantile(samples, 1)).toBe(5);
  expect(median([1, 2])).toBe(1.5);
  expect(quantile([], 0.5)).toBeNaN();
});

test("an estimate holds its median, and repeats itself", () => {
  const found = estimate([1, 2, 3, 4, 100]);
  expect(found.median).toBe(3);
  expect(found.low).toBeLessThanOrEqual(3);
  expect(found.high).toBeGreaterThanOrEqual(3);
  expect(estimate([1, 2, 3, 4, 100])).toEqual(found);
});
