import { expect, test } from "vitest";
import { growing, leftAtRest } from "../flat.ts";
import { type Course, Samples } from "../samples.ts";

const MIB = 1_048_576;

/** One figure that begins at a value and grows by so much each minute. */
function course(what: string, from: number, perMinute: number, minutes = 8, who = "steady"): Course[] {
  const samples = new Samples();
  for (let n = 0; n <= minutes * 6; n++)
    samples.add(who, n * 10_000, { [what]: Math.round(from + (n / 6) * perMinute) });
  return samples.coursesSince(0);
}

test("bytes that stay, or hardly grow, are flat", () => {
  expect(growing(course("heap", 40 * MIB, 0))).toEqual([]);
  expect(growing(course("heap", 40 * MIB, 0.3 * MIB))).toEqual([]);
});

test("bytes that grow with each request are told, with how much", () => {
  expect(growing(course("heap", 40 * MIB, MIB))).toEqual([
    "steady: heap grows, by 8.0 MiB in 8 min (40.0 MiB to 48.0 MiB).",
  ]);
  expect(growing(course("rss", 120 * MIB, 4 * MIB))).toHaveLength(1);
});

test("less than five minutes tell nothing of bytes", () => {
  expect(growing(course("heap", 40 * MIB, 10 * MIB, 3))).toEqual([]);
});

test("the server's memory begins anew at each restart, and is not judged", () => {
  expect(growing(course("rss", 20 * MIB, 10 * MIB, 8, "server"))).toEqual([]);
});

test("things that are added for good are told", () => {
  expect(growing(course("subscriptions", 400, 0))).toEqual([]);
  expect(growing(course("files", 25, 1))).toHaveLength(1);
  expect(growing(course("listeners", 20, 0.1))).toEqual([]);
});

test("what is stored may be as much as comes in its time, and no more", () => {
  expect(growing(course("messages", 1_000, 10))).toEqual([]);
  expect(growing(course("messages", 1_000, 100))).toHaveLength(1);
});

test("what is left at rest is told, but for noise", () => {
  const before = { jobs: 0, promises: 900, timers: 1, heap: 1, "subscriptions of a": 100 };
  expect(
    leftAtRest("steady", before, { ...before, promises: 950, "subscriptions of a": 102, heap: 10 * MIB }),
  ).toEqual([]);
  expect(leftAtRest("steady", before, { ...before, jobs: 3, "subscriptions of a": 104 })).toEqual([
    "steady: at rest it has 3 jobs; it had 0 before.",
    "steady: at rest it has 104 subscriptions of a; it had 100 before.",
  ]);
});

test("what comes before is warming up", () => {
  const samples = new Samples();
  for (let at = 0; at < 100; at += 10) samples.add("steady", at, { heap: at < 50 ? at : 50 });
  expect(samples.coursesSince(50)).toMatchObject([
    { who: "steady", what: "heap", first: 50, last: 50, perHour: 0 },
  ]);
});
