import { expect, test } from "vitest";
import { Pace } from "../../../src/actor/pace.ts";

const paceOf = (times: readonly number[]): Pace => {
  const pace = new Pace();
  for (const each of times) pace.add(each);
  return pace;
};

test("what takes as long each time is foreseen, until it is late", () => {
  const pace = paceOf([20, 20.4, 20.1, 20.3, 20, 20.2]);
  expect(pace.foreseenMs(15)).toBeCloseTo(5.1, 0);
  expect(pace.restMs(15)).toBeCloseTo(5.1, 0);
  expect(pace.foreseenMs(25)).toBe(Infinity);
});

test("nothing is foreseen of a few, nor of what takes now long and now short", () => {
  expect(paceOf([20, 20, 20, 20]).foreseenMs(0)).toBe(Infinity);
  expect(paceOf([1, 90, 5, 60, 2, 40, 3]).foreseenMs(0)).toBe(Infinity);
});

test("what has taken long is expected to take long still", () => {
  const pace = paceOf([1, 90, 5, 60, 2, 40, 3]);
  expect(pace.restMs(0)).toBe(pace.meanMs);
  expect(pace.restMs(500)).toBe(500);
  expect(new Pace().restMs(7)).toBe(7);
});
