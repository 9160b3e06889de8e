import { expect, test } from "vitest";
import { type Account, type Run, boundMs, figuresOf } from "../src/overload/figures.ts";
import { MAILBOX } from "../src/overload/settings.ts";

/** One event every `everyMs` from 0 on, for ten seconds. */
const times = (everyMs: number): number[] =>
  Array.from({ length: Math.floor(10_000 / everyMs) }, (_, n) => n * everyMs);
const account = (isNoisy: boolean, everyMs: number, more: Partial<Account> = {}): Account => ({
  isNoisy,
  sent: 1_000,
  answered: times(everyMs).map((at) => ({ at, tookMs: 100 })),
  refusals: [],
  ...more,
});
const figures = (more: Partial<Run> = {}) =>
  figuresOf({
    capacity: 200,
    accounts: [account(true, 10), account(false, 10)],
    from: 0,
    until: 10_000,
    starts: new Map(),
    expiredStarted: 0,
    memory: [[{ heapMb: 1, rssMb: 1 }]],
    recoveredMs: 0,
    ...more,
  });

test("goodput is what was answered in the time that counts, over capacity", () => {
  expect(figures().goodputPct).toBeCloseTo(100);
  expect(figures({ capacity: 400 }).goodputPct).toBeCloseTo(50);
  expect(figures({ until: 5_000 }).goodputPct).toBeCloseTo(100);
});

test("a quiet caller's share is over its part, or over what it sent if that is less", () => {
  expect(figures().quietShare).toBeCloseTo(1);
  expect(figures({ accounts: [account(true, 10), account(false, 20)] }).quietShare).toBeCloseTo(2 / 3);
  const modest = account(false, 100, { sent: 100 });
  expect(figures({ accounts: [account(true, 10), modest] }).quietShare).toBeCloseTo(1);
});

test("what was told is right when the backlog is begun after as long", () => {
  const starts = new Map([["r", times(10)]]);
  const told = (retryAfterMs: number) =>
    figures({
      starts,
      accounts: [account(true, 10, { refusals: [{ at: 1_000, replica: "r", retryAfterMs }] })],
    });
  expect(told(MAILBOX * 10).retryAfterRatio).toBeCloseTo(1);
  expect(told(MAILBOX * 10).retryAfterRight).toBe(1);
  expect(told(MAILBOX * 30).retryAfterRight).toBe(0);
  expect(told(MAILBOX * 4).retryAfterRight).toBe(0);
});

test("recovery is what it takes beyond the backlog, and memory what it grows by in a minute", () => {
  expect(figures({ recoveredMs: boundMs(200) + 500 }).recoveryS).toBeCloseTo(0.5);
  expect(figures({ recoveredMs: 1 }).recoveryS).toBe(0);
  const samples = Array.from({ length: 12 }, (_, n) => ({ heapMb: 20 + n, rssMb: 100 }));
  const { heapMbPerMinute, rssMbPerMinute } = figures({ memory: [samples] });
  expect([heapMbPerMinute, rssMbPerMinute]).toEqual([12, 0]);
});
