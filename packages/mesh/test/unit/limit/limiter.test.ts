import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { ConcurrencyPolicy, LimitPolicy } from "../../../src/limit/concurrency.ts";
import { boundsOf } from "../../../src/limit/concurrency.ts";
import { Limiter } from "../../../src/limit/limiter.ts";
import { type Sign, signOf } from "../../../src/limit/overload.ts";
import { ERROR_CODES, type ErrorCode, MeshError } from "../../../src/errors.ts";

const POLICIES: readonly LimitPolicy[] = ["simple", "aimd", "gradient"];

/** Calls one after the other, each begun when the one before had ended, with the limit in use. */
function feed(limiter: Limiter, calls: number, tookMs: number, sign: Sign = "ok", from = 0): number {
  let now = from;
  for (let n = 0; n < calls; n++) {
    limiter.record(now, now + tookMs, limiter.slots, sign);
    now += tookMs;
  }
  return now;
}

const policies = fc.record({
  policy: fc.constantFrom(...POLICIES),
  min: fc.integer({ min: 1, max: 20 }),
  max: fc.integer({ min: 20, max: 300 }),
  target: fc.option(fc.integer({ min: 1, max: 5_000 }), { nil: undefined }),
});
const call = fc.record({
  tookMs: fc.double({ min: 0, max: 60_000, noNaN: true }),
  share: fc.double({ min: 0, max: 1.5, noNaN: true }),
  sign: fc.constantFrom<Sign>("ok", "ok", "drop", "none"),
});

test("Q1: whatever is recorded, the limit is a whole number within its bounds", () => {
  fc.assert(
    fc.property(policies, fc.array(call, { maxLength: 400 }), (policy, calls) => {
      const limiter = new Limiter(policy);
      let now = 0;
      for (const { tookMs, share, sign } of calls) {
        now += 10;
        const inFlight = Math.max(1, Math.round(share * limiter.slots));
        const slots = limiter.record(now - tookMs, now, inFlight, sign);
        expect(slots).toBe(limiter.slots);
        expect(Number.isInteger(slots)).toBe(true);
        expect(slots).toBeGreaterThanOrEqual(policy.min);
        expect(slots).toBeLessThanOrEqual(policy.max);
      }
    }),
  );
});

test.each(POLICIES)("Q2: failures bring %s down to its least, and it comes back when they end", (policy) => {
  const limiter = new Limiter({ policy });
  let now = feed(limiter, 400, 100);
  const before = limiter.slots;
  expect(before).toBeGreaterThanOrEqual(10);
  now = feed(limiter, 4_000, 100, "drop", now);
  expect(limiter.slots).toBe(1);
  feed(limiter, 40_000, 100, "ok", now);
  expect(limiter.slots).toBeGreaterThanOrEqual(before);
});

test.each(POLICIES)("Q2: what says nothing changes nothing of %s", (policy) => {
  const limiter = new Limiter({ policy });
  const now = feed(limiter, 50, 100);
  const { slots } = limiter;
  feed(limiter, 1_000, 60_000, "none", now);
  expect(limiter.slots).toBe(slots);
});

test("Q2: which codes count against a limit, and which are deliberate", () => {
  const signs = Map.groupBy(Object.keys(ERROR_CODES) as ErrorCode[], (code) =>
    signOf(new MeshError(code, "")),
  );
  expect(signs.get("drop")?.sort()).toEqual([
    "deadline_exceeded",
    "internal",
    "overloaded",
    "replica_lost",
    "timeout",
    "unavailable",
  ]);
  expect(signs.get("ok")).toBeUndefined();
  expect(signOf(new TypeError("a bug"))).toBe("drop");
  expect(signOf(AbortSignal.abort().reason)).toBe("none");
});

test("Q3: a hundred failures at once cut AIMD's limit once", () => {
  const limiter = new Limiter({ policy: "aimd", max: 100 });
  const now = feed(limiter, 200, 100);
  expect(limiter.slots).toBe(100);
  for (let n = 0; n < 100; n++) limiter.record(now, now + 50 + n, 100, "drop");
  expect(limiter.slots).toBe(90);
  limiter.record(now + 50, now + 200, 90, "drop");
  expect(limiter.slots).toBe(81);
});

test.each(POLICIES)("Q4: %s does not grow while it is not used", (policy) => {
  const limiter = new Limiter({ policy, min: 5 });
  for (let n = 0; n < 2_000; n++) limiter.record(n, n + 10, 2, "ok");
  expect(limiter.slots).toBe(5);
});

test("simple keeps to its numbers: from 2, one more for each round under 0.5 s, one fewer over 2 s, 1 to 10", () => {
  const limiter = new Limiter({ policy: "simple" });
  expect(limiter.slots).toBe(2);
  const steps: number[] = [];
  for (let round = 0; round < 12; round++) {
    feed(limiter, limiter.slots, 499);
    steps.push(limiter.slots);
  }
  expect(steps.at(-1)).toBe(10);
  for (const [n, step] of steps.entries()) expect(step - (steps[n - 1] ?? 2)).toBeLessThanOrEqual(1);
  feed(limiter, 1_000, 500);
  feed(limiter, 1_000, 2_000);
  expect(limiter.slots).toBe(10);
  feed(limiter, 10, 2_001);
  expect(limiter.slots).toBe(9);
  feed(limiter, 1_000, 2_001);
  expect(limiter.slots).toBe(1);
});

test("aimd doubles in a round trip until the first failure, and adds one in a round trip after it", () => {
  const limiter = new Limiter({ policy: "aimd" });
  feed(limiter, 2, 100);
  expect(limiter.slots).toBe(4);
  feed(limiter, 4, 100);
  expect(limiter.slots).toBe(8);
  limiter.record(1_000, 1_100, 8, "drop");
  expect(limiter.slots).toBe(7);
  feed(limiter, 7, 100, "ok", 1_100);
  expect(limiter.slots).toBe(8);
});

test.each<[ConcurrencyPolicy, number]>([
  [{ policy: "simple", target: "100ms", max: 64 }, 100],
  [{ policy: "aimd", target: "100ms", max: 64 }, 100],
  [{ policy: "gradient", target: "100ms", max: 64 }, 100],
])("%o shrinks when calls take long beside their target", (policy, targetMs) => {
  const limiter = new Limiter(policy);
  const now = feed(limiter, 3_000, targetMs - 1);
  expect(limiter.slots).toBeGreaterThan(32);
  feed(limiter, 6_000, 5 * targetMs, "ok", now);
  expect(limiter.slots).toBe(boundsOf(policy).min);
});

test("a number is that number, whatever happens", () => {
  const limiter = new Limiter(7);
  feed(limiter, 100, 60_000, "drop");
  expect(limiter.slots).toBe(7);
});
