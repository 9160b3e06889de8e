import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Times } from "../../../src/stats/times.ts";

const someMs = fc.oneof(fc.double({ min: 0, max: 100_000, noNaN: true }), fc.constantFrom(0, 1, 20, 5_000));

function timesOf(all: readonly number[]): Times {
  const times = new Times();
  for (const ms of all) times.record(ms);
  return times;
}

test("what there is none of is null, also as JSON", () => {
  const none = new Times();
  expect([none.count, none.sumMs, none.atMost(1)]).toEqual([0, 0, 0]);
  expect([none.meanMs, none.minMs, none.maxMs, none.quantile(0.5)]).toEqual([null, null, null, null]);
  expect(JSON.parse(JSON.stringify(none))).toEqual({
    count: 0,
    meanMs: null,
    minMs: null,
    maxMs: null,
    p50Ms: null,
    p90Ms: null,
    p99Ms: null,
    p999Ms: null,
  });
});

test("counts and sums are exact, and quantiles and counts up to a time right to within a bin", () => {
  fc.assert(
    fc.property(
      fc.array(someMs, { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (all, q) => {
        const times = timesOf(all);
        const sorted = all.toSorted((a, b) => a - b);
        const real = sorted[Math.floor(q * (all.length - 1))] as number;
        expect(times.count).toBe(all.length);
        expect(times.sumMs).toBeCloseTo(
          all.reduce((sum, ms) => sum + (ms >= 0.001 ? ms : 0), 0),
          6,
        );
        expect(Math.abs((times.quantile(q) ?? NaN) - real)).toBeLessThanOrEqual(0.0101 * real + 0.001);
        const upTo = (limit: number): number => all.filter((ms) => ms <= limit).length;
        expect(times.atMost(real)).toBeGreaterThanOrEqual(upTo(real));
        expect(times.atMost(real)).toBeLessThanOrEqual(upTo(real * 1.021 + 0.001));
      },
    ),
  );
});

test("what was recorded apart, and added up, is what was recorded together", () => {
  fc.assert(
    fc.property(fc.array(fc.array(someMs, { maxLength: 50 }), { maxLength: 5 }), (parts) => {
      const sum = new Times();
      for (const part of parts) sum.add(timesOf(part));
      const whole = timesOf(parts.flat());
      for (const q of [0, 0.5, 0.99, 1]) expect(sum.quantile(q)).toBe(whole.quantile(q));
      expect(sum.count).toBe(whole.count);
      expect(sum.sumMs).toBeCloseTo(whole.sumMs, 6);
    }),
  );
});

test("a distribution is as bounded as its times are unreasonable", () => {
  const times = timesOf([NaN, -1, 1e-9, Infinity, 1e300, Number.MAX_VALUE]);
  expect(times).toMatchObject({ count: 6, minMs: 0, maxMs: 1e9 });
  expect(Number.isFinite(times.sumMs)).toBe(true);
});

test("a copy becomes the same by what has changed, however that is cut", () => {
  fc.assert(
    fc.property(fc.array(fc.array(someMs, { maxLength: 30 }), { maxLength: 8 }), (steps) => {
      const [times, copy] = [new Times(), new Times()];
      for (const step of steps) {
        for (const ms of step) times.record(ms);
        const changes = times.changesSince(copy);
        expect(changes === null).toBe(step.length === 0);
        if (!changes) continue;
        copy.become(changes);
        // Twice is as good as once.
        copy.become(changes);
        expect(copy.toJSON()).toEqual(times.toJSON());
        expect(copy.sumMs).toBe(times.sumMs);
      }
      expect(times.changesSince(copy)).toBe(null);
    }),
  );
});
