import { expect, test } from "vitest";
import { Backoff } from "../../../src/supervision/backoff.ts";

test("waits double from 200 ms to 10 s", () => {
  const backoff = new Backoff({ random: () => 0.5 });
  expect(Array.from({ length: 8 }, () => backoff.next(0))).toEqual([
    200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000,
  ]);
});

test("they stay at 10 s, however long it goes on", () => {
  const backoff = new Backoff({ random: () => 0.5 });
  for (let i = 0; i < 5_000; i++) backoff.next(0);
  expect(backoff.next(0)).toBe(10_000);
});

test("jitter is 20 % either way", () => {
  expect(new Backoff({ random: () => 0 }).next(0)).toBe(160);
  expect(new Backoff({ random: () => 1 }).next(0)).toBe(240);
});

test("a minute of health starts anew", () => {
  const backoff = new Backoff({ random: () => 0.5 });
  backoff.next(0);
  backoff.next(0);
  expect(backoff.next(60_000)).toBe(800);
  expect(backoff.next(60_001)).toBe(200);
});
