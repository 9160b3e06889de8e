import { expect, test } from "vitest";
import { summaryOf } from "../../src/pool/summary.ts";

test("a pool that is the ideal queue has a ratio of 1 and waits as long", () => {
  const passage = { sentMs: [0, 5, 40], tookMs: [20, 20, 20], latencyMs: [20, 35, 20] };
  const summary = summaryOf(passage, 1, 0.1);
  expect(summary).toMatchObject({ jobs: 3, p50: 20, idealP50: 20, ratio: 1 });
  expect(summary.waitP99).toBeCloseTo(summary.idealWaitP99, 10);
});

test("p99, its ratio and what is not work come from latencies; the ideal from what was sent and done", () => {
  const jobs = 101;
  const passage = {
    sentMs: Array.from({ length: jobs }, (_each, n) => n * 100),
    tookMs: new Array<number>(jobs).fill(20),
    latencyMs: Array.from({ length: jobs }, (_each, n) => (n < 99 ? 21 : 50)),
  };
  expect(summaryOf(passage, 4, 10.1)).toEqual({
    jobs,
    p50: 21,
    p99: 50,
    idealP50: 20,
    idealP99: 20,
    ratio: 2.5,
    waitP99: 30,
    idealWaitP99: 0,
    busyPct: 5,
  });
});
