import { expect, test } from "vitest";
import { hedged } from "../../../src/policy/hedge.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";

test("Y4: an extra attempt is put off until it is known who has the one before", async () => {
  const clock = new ManualClock();
  let isReady = false;
  let started = 0;
  const race = hedged({
    clock,
    afterMs: 30,
    max: 1,
    start: () => (++started === 1 ? new Promise<string>(() => {}) : Promise.resolve("second")),
    isReady: () => isReady,
    mayJoin: () => true,
  });
  clock.advance(200);
  expect(started).toBe(1);
  isReady = true;
  clock.advance(10);
  expect(await race).toBe("second");
  expect(clock.armed).toBe(0);
});

test("one that is put off is not made when the first one ends meanwhile", async () => {
  const clock = new ManualClock();
  let answer = (_word: string): void => {};
  let started = 0;
  const race = hedged({
    clock,
    afterMs: 30,
    max: 1,
    start: () => {
      started++;
      return new Promise<string>((resolve) => (answer = resolve));
    },
    isReady: () => false,
    mayJoin: () => true,
  });
  clock.advance(50);
  answer("first");
  expect(await race).toBe("first");
  clock.advance(100);
  expect([started, clock.armed]).toEqual([1, 0]);
});
