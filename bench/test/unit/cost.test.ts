import { expect, test } from "vitest";
import { costOf, measureCost } from "../../src/cost.ts";

test("the cost is the time, and the processor time, that a call takes more, round by round", () => {
  const off = [100, 200, 400].map((rate) => ({ rate, cpuUs: 10, othersShare: 0 }));
  const on = off.map(({ rate }) => ({ rate: rate / 1.25, cpuUs: 11, othersShare: 0.1 }));
  const { pct, cpuPct, rateOn, rateOff, rounds } = costOf(on, off);
  expect(pct.median).toBeCloseTo(25);
  expect(cpuPct.median).toBeCloseTo(10);
  expect([rateOn, rateOff, rounds]).toEqual([160, 200, 3]);
});

test("both are new in each round and measured on, off, off, on, or the other way about", async () => {
  const log: string[] = [];
  await measureCost({
    rounds: 2,
    seconds: 1,
    start: (on, stack) => {
      const name = on ? "on" : "off";
      stack.defer(() => void log.push(`end ${name}`));
      return Promise.resolve((warmupSeconds: number) => {
        log.push(warmupSeconds > 1 ? `warm ${name}` : name);
        return Promise.resolve({ rate: 1, cpuUs: 1, othersShare: 0 });
      });
    },
    progress: (round) => void log.push(`${round}:`),
  });
  expect(log.join(" ")).toBe(
    "1: warm on warm off on off off on end off end on 2: warm off warm on off on on off end on end off",
  );
});
