import { describe, expect, test } from "vitest";
import { Limiter } from "../../../src/limit/limiter.ts";
import { type KneeOptions, rate, throughput } from "../../support/knee.ts";

/** Successes a second between two seconds, as a share of what the best fixed limit gives there. */
function shareOfBest(options: KneeOptions, [from, to]: [number, number]): number {
  const found = rate(throughput(new Limiter({ policy: "gradient" }), options), from, to);
  const knee = options.knee(from * 1_000);
  const baseMs = options.baseMs?.(from * 1_000) ?? 100;
  return found / ((knee / baseMs) * 1_000 * (1 - (options.flaky ?? 0)));
}

describe.each([1, 1.5, 2, 3])("beyond the knee calls slow down as its power of %d", (steepness) => {
  test.each([
    [40, 16],
    [16, 40],
    [100, 25],
    [4, 6],
  ])("gradient stays within a tenth of the best fixed limit when the knee moves from %d to %d", (a, b) => {
    const options: KneeOptions = {
      knee: (at) => (at < 40_000 ? a : b),
      steepness,
      failsOver: 2.5,
      forMs: 80_000,
    };
    expect(shareOfBest(options, [15, 40])).toBeGreaterThan(0.9);
    expect(shareOfBest(options, [60, 80])).toBeGreaterThan(0.9);
  });
});

test("gradient takes a backend that has become slower as it is: it is not the limit that makes it slow", () => {
  const options: KneeOptions = {
    knee: () => 20,
    steepness: 2,
    baseMs: (at) => (at < 30_000 ? 100 : 400),
    forMs: 120_000,
  };
  expect(shareOfBest(options, [10, 30])).toBeGreaterThan(0.9);
  expect(shareOfBest(options, [80, 120])).toBeGreaterThan(0.85);
});

test("gradient is not driven down by a few failures that come whatever the load", () => {
  const options: KneeOptions = { knee: () => 30, steepness: 2, flaky: 0.03, forMs: 60_000 };
  expect(shareOfBest(options, [20, 60])).toBeGreaterThan(0.85);
});

test("gradient finds out how many calls a backend refuses at once", () => {
  const options: KneeOptions = { knee: () => 12, steepness: 0, failsOver: 1, forMs: 60_000 };
  expect(shareOfBest(options, [20, 60])).toBeGreaterThan(0.85);
});

test("gradient gets by with calls of which some take twice as long as others", () => {
  const options: KneeOptions = { knee: () => 40, steepness: 2, jitter: 0.35, forMs: 60_000, seed: 3 };
  expect(shareOfBest(options, [20, 60])).toBeGreaterThan(0.85);
});

test("gradient reaches a high knee from 2 within a few round trips", () => {
  const seconds = throughput(new Limiter({ policy: "gradient" }), {
    knee: () => 64,
    steepness: 2,
    forMs: 5_000,
  });
  expect(rate(seconds, 3, 5)).toBeGreaterThan(0.9 * 640);
});
