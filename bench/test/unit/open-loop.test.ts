import { expect, test } from "vitest";
import type { Job } from "../../src/pool/job.ts";
import { assertOnce } from "../../src/pool/once.ts";
import { openLoop } from "../../src/pool/open-loop.ts";

/** All of them are due at once, so that nothing is waited for. */
const plan = { atMs: [0, 0, 0], serviceMs: [5, 6, 7] };

test("every job is sent without waiting for another, with its own time", async () => {
  const waiting: { job: Job; answer: () => void }[] = [];
  const under = openLoop(
    (job) =>
      new Promise((resolve) => {
        waiting.push({ job, answer: () => resolve({ id: job.id, tookMs: job.ms + 1 }) });
      }),
    plan,
  );
  expect(waiting.map(({ job }) => job)).toEqual([
    { id: 0, ms: 5 },
    { id: 1, ms: 6 },
    { id: 2, ms: 7 },
  ]);
  // Answers in any order.
  for (const { answer } of waiting.toReversed()) answer();
  const { sentMs, latencyMs, tookMs } = await under;
  expect(tookMs).toEqual([6, 7, 8]);
  expect([sentMs.length, latencyMs.length]).toEqual([3, 3]);
});

test("failures are counted when all have ended, and fail the trial", async () => {
  const ended: number[] = [];
  const under = openLoop(async ({ id }) => {
    if (id < 2) throw new Error(`no ${id}`);
    ended.push(id);
    return { id, tookMs: 1 };
  }, plan);
  await expect(under).rejects.toThrow("2 of 3 calls failed, the first with: no 0");
  expect(ended).toEqual([2]);
});

test("another job's answer is a failure", async () => {
  const under = openLoop(async () => ({ id: 1, tookMs: 1 }), plan);
  await expect(under).rejects.toThrow("2 of 3 calls failed, the first with: job 0 got the answer of job 1");
});

test("a job is to be done once, by anybody", () => {
  expect(() => assertOnce(4, [[3, 0], [], [1, 2]])).not.toThrow();
  expect(() => assertOnce(4, [[3, 0], [1]])).toThrow("1 were done by nobody, and 0");
  expect(() =>
    assertOnce(3, [
      [0, 1],
      [2, 1],
    ]),
  ).toThrow("0 were done by nobody, and 1");
  expect(() => assertOnce(2, [[0, 1, 7]])).toThrow("0 were done by nobody, and 1");
});
