import { expect, test, vi } from "vitest";
import { KeptOutcomes } from "../../../src/cache/kept.ts";
import { type Outcome, outcomeOf } from "../../../src/cache/outcome.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";

function kept(bounds: { max?: number; maxBytes?: number } = {}) {
  const clock = new ManualClock();
  return { clock, cache: new KeptOutcomes(clock, { max: 100, maxBytes: 1_000_000, ...bounds }) };
}

function outcome(fields: Partial<Outcome> = {}, value: unknown = "x"): Outcome {
  const made = outcomeOf(value, undefined, { tags: [], ttlMs: 1_000, staleMs: 0, ...fields });
  return made as Outcome;
}

test("K12: an answer is given for its time and no longer, whatever the wall clock says", () => {
  const { clock, cache } = kept();
  cache.keep("k", outcome({ staleMs: 500 }));
  const wall = vi.spyOn(Date, "now").mockReturnValue(0);
  clock.advance(999);
  expect(cache.find("k")).toMatchObject({ ageMs: 999, isFresh: true });
  wall.mockReturnValue(1e15);
  clock.advance(1);
  expect(cache.find("k")).toMatchObject({ ageMs: 1_000, isFresh: false });
  clock.advance(500);
  expect(cache.find("k")).toBeUndefined();
  expect(cache.last("k")).toMatchObject({ ageMs: 1_500 });
  wall.mockRestore();
});

test("K12: one that is old when it comes has only the rest of its time", () => {
  const { clock, cache } = kept();
  cache.keep("k", outcome(), 900);
  cache.keep("late", outcome(), 1_000);
  expect(cache.find("k")?.ageMs).toBe(900);
  expect(cache.find("late")).toBeUndefined();
  clock.advance(100);
  expect(cache.find("k")).toBeUndefined();
});

test("K14: of too many, those that were asked for least lately make room", () => {
  const { cache } = kept({ max: 2 });
  cache.keep("a", outcome());
  cache.keep("b", outcome());
  cache.find("a");
  cache.keep("c", outcome());
  expect([cache.find("a"), cache.find("b"), cache.find("c")].map(Boolean)).toEqual([true, false, true]);
  expect(cache).toMatchObject({ size: 2, evicted: 1 });
});

test("K14: answers are bounded by their bytes, and one that is too large is not kept", () => {
  const { cache } = kept({ maxBytes: 10_000 });
  const large = outcome({}, "x".repeat(4_000));
  for (const key of ["a", "b", "c"]) cache.keep(key, large);
  expect(cache.size).toBe(2);
  expect(cache.bytes).toBeLessThanOrEqual(10_000);
  cache.keep("huge", outcome({}, "x".repeat(10_001)));
  expect(cache.find("huge")).toBeUndefined();
});

test("answers are cleared by key, by tag, or all", () => {
  const { cache } = kept();
  const fill = (): void => {
    cache.keep("a", outcome({ tags: ["red"] }));
    cache.keep("b", outcome({ tags: ["red", "round"] }));
    cache.keep("c", outcome());
  };
  fill();
  expect(cache.clear({ key: "a" })).toBe(1);
  expect(cache.clear({ tag: "red" })).toBe(1);
  expect(cache.clear({ tag: "red" })).toBe(0);
  expect(cache.size).toBe(1);
  fill();
  expect(cache.clear({ key: "c", tag: "red" })).toBe(0);
  expect(cache.clear({})).toBe(3);
});
