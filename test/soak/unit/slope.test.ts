import * as fc from "fast-check";
import { expect, test } from "vitest";
import { slopePerHour } from "../slope.ts";

const MINUTE = 60_000;

function line(perMinute: number, count: number): { at: number; value: number }[] {
  return Array.from({ length: count }, (_each, n) => ({ at: n * MINUTE, value: 100 + n * perMinute }));
}

test("a straight line has its own slope", () => {
  expect(slopePerHour(line(2, 20))).toBeCloseTo(120);
  expect(slopePerHour(line(0, 20))).toBe(0);
  expect(slopePerHour(line(-1, 20))).toBeCloseTo(-60);
});

test("there is none of fewer than two points", () => {
  expect(slopePerHour([])).toBeUndefined();
  expect(slopePerHour(line(1, 1))).toBeUndefined();
  const twice = { at: 5, value: 1 };
  expect(slopePerHour([twice, twice])).toBeUndefined();
});

test("a quarter of the points may be anything", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      fc.integer({ min: 0, max: 3 }),
      (wild, from) => {
        const points = line(2, 20).map((point, n) =>
          n % 4 === from && n > 0 ? { ...point, value: wild } : point,
        );
        const slope = slopePerHour(points) ?? NaN;
        expect(slope).toBeGreaterThan(0);
      },
    ),
  );
});
