import { expect, test } from "vitest";
import { Timeline, rateOf, settledAfter } from "../src/adaptive/timeline.ts";

test("successes are told by slices of a quarter second, with the limit of the moment", () => {
  const timeline = new Timeline(1_000);
  timeline.note(1_100, 5, 2);
  timeline.note(1_240, 8, 3);
  timeline.note(1_800, 10, 4);
  expect(timeline.ok).toEqual([8, 0, 0, 2]);
  expect(timeline.limits).toEqual([3, 3, 3, 4]);
  expect(rateOf(timeline.ok, 0, 1)).toBe(10);
  expect(rateOf(timeline.ok, 0.75, 1)).toBe(8);
});

test("found is what stays found", () => {
  const second = (rate: number): number[] => Array.from({ length: 4 }, () => rate / 4);
  const best = Array.from({ length: 10 }, () => second(100)).flat();
  const late = [20, 50, 95, 95, 95, 95, 95, 95, 95, 95].flatMap(second);
  expect(settledAfter(late, [0, 10], 0.9, best)).toBe(2);
  const lost = [95, 95, 95, 95, 50, 50, 50, 50, 50, 50].flatMap(second);
  expect(settledAfter(lost, [0, 10], 0.9, best)).toBe(Infinity);
  // A machine that stands still for a second does so for both.
  const stalled = best.with(20, 0);
  expect(settledAfter(late.with(20, 0), [0, 10], 0.9, stalled)).toBe(2);
});
