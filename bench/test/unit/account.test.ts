import { expect, test } from "vitest";
import { type Outage, accountFor } from "../../src/failover/account.ts";
import type { Finish } from "../../src/failover/ledger.ts";
import type { Call } from "../../src/failover/load.ts";

const call = (more: Partial<Call> = {}): Call => ({
  key: "k",
  sentAt: 1_000,
  endedAt: 1_200,
  outcome: "ok",
  attempt: 1,
  ...more,
});

function account(calls: Call[], finishes: Finish[], outages: Outage[] = []) {
  return accountFor({
    calls,
    outages,
    finished: finishes.length > 0 ? new Map([["k", finishes]]) : new Map(),
  });
}

test("a call is lost that was answered though nobody finished it, and one that never ended", () => {
  expect(account([call()], [])).toMatchObject({ ok: 1, lost: 1, hung: 0 });
  expect(account([call({ outcome: undefined })], [])).toMatchObject({ ok: 0, lost: 1, hung: 1 });
  expect(account([call({ outcome: "deadline_exceeded" })], [])).toMatchObject({ failed: 1, lost: 0 });
  expect(account([call()], [{ pid: 1, at: 1_190 }])).toMatchObject({ ok: 1, lost: 0 });
});

const twice = [
  { pid: 1, at: 1_190 },
  { pid: 2, at: 1_500 },
];

test.each([
  ["the first to finish was killed just after", { from: 1_200, until: 1_210, pid: 1 }, 0],
  ["it finished while it was dying", { from: 1_189, until: 1_195, pid: 1 }, 0],
  ["it was killed when its answer was long out", { from: 1_300, until: 1_310, pid: 1 }, 1],
  ["it was killed before", { from: 900, until: 910, pid: 1 }, 1],
  ["another was killed", { from: 1_200, until: 1_210, pid: 2 }, 1],
  ["the server was away", { from: 1_100, until: 1_700, pid: undefined }, 0],
  ["the server was back", { from: 500, until: 1_100, pid: undefined }, 1],
])("work done twice: %s", (_what, outage, unexplained) => {
  expect(account([call()], twice, [outage])).toMatchObject({ duplicates: 1, unexplained });
});

test("each answer but the last needs a reason", () => {
  const thrice = [...twice, { pid: 3, at: 1_800 }];
  const outages = [{ from: 1_200, until: 1_210, pid: 1 }];
  expect(account([call()], thrice, outages)).toMatchObject({ duplicates: 1, unexplained: 1 });
});

test("a call that was sent again counts from the first death that it saw, else from its own start", () => {
  const outages = [500, 1_150, 1_700].map((from) => ({ from, until: from + 10, pid: 1 }));
  const times = (more: Partial<Call>) => account([call({ attempt: 2, ...more })], [], outages).redispatchMs;
  expect(times({ endedAt: 1_600 })).toEqual([450]);
  expect(times({ endedAt: 2_000 })).toEqual([850]);
  expect(times({ endedAt: 1_100 })).toEqual([100]);
  expect(times({ attempt: 1 })).toEqual([]);
});
