import { expect, test } from "vitest";
import { ServiceTime } from "../../../src/actor/service-time.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";

function after(times: readonly number[]): number {
  const service = new ServiceTime(new ManualClock());
  for (const ms of times) service.add({ startedAt: 0 }, ms);
  return service.meanMs;
}

test("the first time, which is seldom a usual one, counts as one of ten", () => {
  expect(after([])).toBe(0);
  expect(after([400])).toBe(400);
  expect(after([400, 100, 100])).toBe(200);
  expect(after([400, ...Array.from({ length: 9 }, () => 100)])).toBeCloseTo(130);
});

test("from then on the newest has a tenth of the weight", () => {
  const ten = Array.from({ length: 10 }, () => 100);
  expect(after([...ten, 200])).toBeCloseTo(110);
  expect(after([...ten, ...Array.from({ length: 50 }, () => 200)])).toBeGreaterThan(199);
});
