import { expect, test } from "vitest";
import { type Held, Liveness } from "../../../src/client/liveness.ts";
import { Deadlines } from "../../../src/deadlines.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";

interface Probe {
  replica: string;
  at: number;
  answer: (breaks: number | undefined) => void;
}

function fixture() {
  const clock = new ManualClock();
  const probes: Probe[] = [];
  const forgotten = new Set<Probe>();
  const steady = { is: true };
  const suspects: Held[] = [];
  const liveness = new Liveness({
    clock,
    deadlines: new Deadlines(clock),
    probe: (replica, answer) => {
      const probe = { replica, at: clock.now(), answer };
      probes.push(probe);
      return () => void forgotten.add(probe);
    },
    isSteady: () => steady.is,
    onLoss: () => {},
    onBreak: (calls) => suspects.push(...calls),
  });
  const call = (breaksSeen?: number) => {
    const losses: string[] = [];
    return { losses, breaksSeen, hasSpoken: false, lost: (how: string) => void losses.push(how) };
  };
  return { clock, probes, forgotten, steady, liveness, call, suspects };
}

test("L1: one probe serves every call that a replica holds, and none is sent when it holds none", () => {
  const { clock, probes, liveness, call } = fixture();
  const calls = [call(), call(), call()];
  for (const each of calls) liveness.hold("a", each);
  clock.advance(110);
  expect(probes).toHaveLength(1);
  for (const each of calls) liveness.release("a", each);
  clock.advance(10_000);
  expect(probes).toHaveLength(1);
  expect(liveness.size).toBe(0);
});

test("L1: probes become rarer the longer a replica holds something, up to one a second", () => {
  const { clock, probes, liveness, call } = fixture();
  liveness.hold("a", call());
  for (let i = 0; i < 6_000; i++) {
    clock.advance(10);
    probes.at(-1)?.answer(0);
  }
  const gaps = probes.slice(1).map(({ at }, i) => at - (probes[i]?.at ?? 0));
  expect(gaps[0]).toBeLessThanOrEqual(120);
  expect(gaps.at(-1)).toBeGreaterThanOrEqual(1_000);
  expect(gaps.at(-1)).toBeLessThanOrEqual(1_030);
  expect(probes.length).toBeLessThan(110);
});

test("L2: nobody on a replica's own subject means that it is dead, for all its calls and no others", () => {
  const { clock, probes, liveness, call } = fixture();
  const [first, second, other] = [call(), call(), call()];
  liveness.hold("a", first);
  liveness.hold("a", second);
  liveness.hold("b", other);
  clock.advance(110);
  probes.find(({ replica }) => replica === "a")?.answer(undefined);
  expect([first.losses, second.losses, other.losses]).toEqual([["dead"], ["dead"], []]);
});

test("L3: silence counts as death after three probes and three seconds, not before", () => {
  const { clock, liveness, call } = fixture();
  const held = call();
  liveness.hold("a", held);
  clock.advance(3_000);
  expect(held.losses).toEqual([]);
  clock.advance(500);
  expect(held.losses).toEqual(["silent"]);
});

test("L3: an answer in between begins the count anew", () => {
  const { clock, probes, liveness, call } = fixture();
  const held = call();
  liveness.hold("a", held);
  clock.advance(2_500);
  probes.at(-1)?.answer(0);
  clock.advance(2_500);
  expect(held.losses).toEqual([]);
});

test("L3: what a call brings breaks the silence, for every call that its replica holds", () => {
  const { clock, liveness, call } = fixture();
  const [talking, quiet] = [call(), call()];
  for (const each of [talking, quiet]) liveness.hold("a", each);
  for (let i = 0; i < 5; i++) {
    clock.advance(2_000);
    talking.hasSpoken = true;
  }
  liveness.release("a", talking);
  clock.advance(2_500);
  expect(quiet.losses).toEqual([]);
  clock.advance(1_500);
  expect(quiet.losses).toEqual(["silent"]);
});

test("L3: a call that ends because it is given up says nothing of its replica", () => {
  const { clock, liveness, call } = fixture();
  const [held, given] = [call(), call()];
  for (const each of [held, given]) liveness.hold("a", each);
  clock.advance(2_500);
  liveness.release("a", given);
  clock.advance(1_500);
  expect(held.losses).toEqual(["silent"]);
});

test("L3: an answer that comes after the next probe counts all the same", () => {
  const { clock, probes, forgotten, liveness, call } = fixture();
  const held = call();
  liveness.hold("a", held);
  for (let i = 0; i < 10; i++) {
    clock.advance(1_000);
    const late = probes.at(-3);
    if (!late || forgotten.has(late)) throw new Error("nobody waits for the answer any more");
    late.answer(0);
  }
  expect(held.losses).toEqual([]);
});

test("L4: while the connection is down, and shortly after, neither silence nor absence counts", () => {
  const { clock, probes, steady, liveness, call } = fixture();
  const held = call();
  liveness.hold("a", held);
  steady.is = false;
  clock.advance(20_000);
  probes.at(-1)?.answer(undefined);
  expect(held.losses).toEqual([]);
  steady.is = true;
  clock.advance(1_100);
  probes.at(-1)?.answer(undefined);
  expect(held.losses).toEqual(["dead"]);
});

test("L5: when a replica has lost its connection since it took a call, it is asked about that call, once", () => {
  const { clock, probes, liveness, call, suspects } = fixture();
  const [before, after, unknown] = [call(1), call(2), call()];
  for (const each of [before, after, unknown]) liveness.hold("a", each);
  for (const breaks of [2, 2, 3]) {
    clock.advance(200);
    probes.at(-1)?.answer(breaks);
    if (breaks === 2) expect(suspects).toEqual([before, unknown]);
  }
  expect(suspects).toEqual([before, unknown, before, after, unknown]);
});
