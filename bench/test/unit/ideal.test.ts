import * as fc from "fast-check";
import { expect, test } from "vitest";
import { idealLatencies } from "../../src/pool/ideal.ts";

test("one slot does one job after another", () => {
  expect(idealLatencies([0, 5, 40], [20, 20, 20], 1)).toEqual([20, 35, 20]);
});

test("whoever is free first takes the next, whichever slot that is", () => {
  // At 10 ms the second slot is free, at 30 ms the first and at 31 ms the second again.
  expect(idealLatencies([0, 0, 1, 2, 3], [30, 10, 21, 5, 5], 2)).toEqual([30, 10, 30, 33, 33]);
});

test("with a slot for each job nobody waits", () => {
  expect(idealLatencies([0, 1, 2], [7, 8, 9], 3)).toEqual([7, 8, 9]);
});

const jobs = fc
  .array(fc.record({ gap: fc.nat(50), ms: fc.integer({ min: 1, max: 100 }) }), { maxLength: 60 })
  .map((all) => {
    let at = 0;
    return { arrivals: all.map(({ gap }) => (at += gap)), services: all.map(({ ms }) => ms) };
  });

test("jobs begin in the order in which they came, never before, and no more at once than there are slots", () => {
  fc.assert(
    fc.property(jobs, fc.integer({ min: 1, max: 5 }), ({ arrivals, services }, slots) => {
      const latencies = idealLatencies(arrivals, services, slots);
      const ends = latencies.map((latency, job) => (arrivals[job] ?? NaN) + latency);
      const begins = ends.map((end, job) => end - (services[job] ?? NaN));
      expect(begins).toEqual([...begins].sort((a, b) => a - b));
      for (const [job, begin] of begins.entries()) {
        expect(begin).toBeGreaterThanOrEqual(arrivals[job] ?? NaN);
        const atOnce = begins.filter((other, n) => other <= begin && (ends[n] ?? NaN) > begin).length;
        expect(atOnce).toBeLessThanOrEqual(slots);
        // Nobody waits while a slot is free.
        const busy = begins.filter((other, n) => other < begin && (ends[n] ?? NaN) >= begin).length;
        if (begin > (arrivals[job] ?? NaN)) expect(busy).toBeGreaterThanOrEqual(slots);
      }
    }),
  );
});

test("more slots make no job slower", () => {
  fc.assert(
    fc.property(jobs, fc.integer({ min: 1, max: 5 }), ({ arrivals, services }, slots) => {
      const more = idealLatencies(arrivals, services, slots + 1);
      for (const [job, latency] of idealLatencies(arrivals, services, slots).entries())
        expect(more[job]).toBeLessThanOrEqual(latency);
    }),
  );
});
