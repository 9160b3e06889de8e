import { expect, test } from "vitest";
import { type Borrower, CreditPool } from "../../../src/client/credit-pool.ts";
import { DEFAULT_WINDOW } from "../../../src/protocol/credit.ts";

class Call implements Borrower {
  readonly wanted: number;
  credit = 0;
  isBorrowing = false;
  isHeld = true;
  unread = 0;
  granted = 0;

  constructor(wanted = DEFAULT_WINDOW) {
    this.wanted = wanted;
  }

  grant(units: number): void {
    this.granted += units;
  }
}

const calls = (count: number): Call[] => Array.from({ length: count }, () => new Call());

test("few calls have the default window, and of many the later ones a small one", () => {
  const pool = new CreditPool();
  const windows = calls(100).map((call) => pool.lend(call));
  expect(windows.slice(0, 8)).toEqual(Array(8).fill(DEFAULT_WINDOW));
  expect(new Set(windows.slice(8))).toEqual(new Set([8]));
});

test("W1: credit that is not used stays within the budget, and 8 units for each call, whatever happens", () => {
  const pool = new CreditPool();
  const open = calls(300);
  for (const call of open) pool.lend(call);
  for (let i = 0; i < 20_000; i++) {
    const call = open[(i * 7_919) % open.length] as Call;
    // A part of 256 KiB: it overdraws a small window.
    if (call.credit > 0) pool.used(call, 65);
    pool.renew(call);
    expect(pool.lent).toBeLessThanOrEqual(4_096 + 8 * open.length);
  }
  for (const call of open) pool.settle(call);
  expect(pool.lent).toBe(0);
});

test("W2: a call without credit gets some at once, although others have taken it all", () => {
  const pool = new CreditPool();
  pool.lend(new Call(4_096));
  const late = new Call();
  expect(pool.lend(late)).toBe(8);
  for (let i = 0; i < 50; i++) {
    pool.used(late, Math.max(late.credit, 1));
    pool.renew(late);
    expect(late.credit).toBeGreaterThanOrEqual(8);
  }
});

test("a call that began with little gets its share when others have ended", () => {
  const pool = new CreditPool();
  const early = calls(16);
  for (const call of early) pool.lend(call);
  const late = new Call();
  pool.lend(late);
  pool.used(late, 3);
  pool.renew(late);
  // It has 5 left, and nothing is free: its turn comes.
  for (const call of early) pool.settle(call);
  pool.used(late, 5);
  pool.renew(late);
  expect(late.credit).toBeGreaterThan(200);
});

test("what is not consumed yet counts against a call's window", () => {
  const pool = new CreditPool();
  const call = new Call(256);
  pool.lend(call);
  call.unread = 200;
  pool.used(call, 200);
  pool.renew(call);
  expect(call.granted).toBe(0);
  call.unread = 100;
  pool.renew(call);
  expect(call.granted).toBe(0);
  call.unread = 50;
  pool.renew(call);
  expect(call.granted).toBe(150);
});

test.each([0, -1, NaN])("a window of %d takes nothing from the others", (wanted) => {
  const pool = new CreditPool();
  const call = new Call(wanted);
  expect(pool.lend(call)).toBe(wanted);
  pool.settle(call);
  expect(pool.lent).toBe(0);
});
