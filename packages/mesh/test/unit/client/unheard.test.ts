import { expect, test } from "vitest";
import type { Pending } from "../../../src/client/pending.ts";
import { Unheard } from "../../../src/client/unheard.ts";
import { Deadlines, Timed } from "../../../src/deadlines.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";

/** As much of a call as this module sees: it is woken, and asks or is sent again. */
class Call extends Timed {
  readonly request = { agent: "slow", deadlineAt: 30_000 };
  readonly repeatedAt: number[] = [];
  isHeard = false;
  unheardUntil = 0;
  timesUnheard = 0;
  private readonly unheard: Unheard;
  private readonly clock: ManualClock;

  constructor(unheard: Unheard, clock: ManualClock) {
    super();
    this.unheard = unheard;
    this.clock = clock;
  }

  override onDue(): void {
    const self = this as unknown as Pending;
    if (this.unheard.isOverdue(self)) this.repeatedAt.push(this.clock.now());
    else this.unheard.ask(self);
  }
}

function fixture() {
  const clock = new ManualClock();
  const calls: Call[] = [];
  const probes: { replica: string; at: number; isStopped: boolean; answer: (isAlive: boolean) => void }[] =
    [];
  const steady = { is: true };
  const unheard = new Unheard({
    clock,
    deadlines: new Deadlines(clock),
    probe: (replica, answer) => {
      const probe = { replica, at: clock.now() - from, isStopped: false, answer };
      probes.push(probe);
      return () => void (probe.isStopped = true);
    },
    calls: () => calls.filter(({ isHeard }) => !isHeard) as unknown as Pending[],
    isSteady: () => steady.is,
  });
  const from = clock.now();
  const call = (isHeard = false): Call => {
    const made = new Call(unheard, clock);
    made.request.deadlineAt = from + 30_000;
    made.isHeard = isHeard;
    calls.push(made);
    unheard.watch(made as unknown as Pending);
    return made;
  };
  return { clock, from, probes, steady, unheard, call };
}

const about = (ms: number): unknown =>
  expect.toSatisfy((at: number) => at >= ms && at <= ms + 10, `${ms} to ${ms + 10}`);

test("U1: an unheard call is sent again 80 ms after one who may have had it is found dead", () => {
  const { clock, from, probes, unheard, call } = fixture();
  for (const replica of ["a", "b"]) unheard.meet("slow", replica);
  unheard.meet("other", "c");
  const first = call();
  clock.advance(110);
  expect(probes.map(({ replica }) => replica)).toEqual(["a", "b"]);
  probes[0]?.answer(true);
  probes[1]?.answer(false);
  clock.advance(200);
  expect(first.repeatedAt.map((at) => at - from)).toEqual([about(190)]);
});

test("U1: an unheard call is sent again after a second when nobody is known to be dead", () => {
  const { clock, from, probes, unheard, call } = fixture();
  unheard.meet("slow", "a");
  const only = call();
  for (let i = 0; i < 150; i++) {
    clock.advance(10);
    probes.at(-1)?.answer(true);
  }
  expect(only.repeatedAt.map((at) => at - from)).toEqual([about(1_000)]);
});

test("U1: a process that was busy reads what has come before it takes a call for unheard", () => {
  const { clock, from, call } = fixture();
  const only = call();
  clock.advance(980);
  clock.block(60);
  clock.advance(0);
  expect(only.repeatedAt).toEqual([]);
  clock.advance(10);
  expect(only.repeatedAt.map((at) => at - from)).toEqual([about(1_040)]);
});

test("U1: a process that is always busy sends its unheard calls again all the same", () => {
  const { clock, call } = fixture();
  const only = call();
  for (let turn = 0; turn < 15; turn++) {
    clock.block(100);
    clock.advance(0);
  }
  expect(only.repeatedAt).toHaveLength(1);
});

test("U1: while replicas reconnect, one that is not there is not dead", () => {
  const { clock, probes, steady, unheard, call } = fixture();
  unheard.meet("slow", "a");
  const only = call();
  clock.advance(110);
  steady.is = false;
  probes[0]?.answer(false);
  clock.advance(500);
  expect(only.repeatedAt).toEqual([]);
});

test("U2: nobody is asked after for calls that are heard, and one question to a replica is open at a time", () => {
  const { clock, probes, unheard, call } = fixture();
  unheard.meet("slow", "a");
  call(true);
  clock.advance(500);
  expect(probes).toEqual([]);
  unheard.meet("slow", "a");
  call();
  call();
  clock.advance(550);
  expect(probes).toHaveLength(1);
  probes[0]?.answer(true);
  clock.advance(100);
  expect(probes).toHaveLength(2);
});

test("U1: after one that was not heard lately a call is given longer; after 3 s that one is not asked any more", () => {
  const { clock, from, probes, unheard, call } = fixture();
  unheard.meet("slow", "a");
  clock.advance(1_000);
  const first = call();
  clock.advance(110);
  expect(probes).toHaveLength(1);
  probes[0]?.answer(false);
  clock.advance(200);
  expect(first.repeatedAt.map((at) => at - from)).toEqual([about(1_260)]);
  first.isHeard = true;
  unheard.meet("slow", "b");
  clock.advance(3_000);
  call();
  clock.advance(500);
  expect(probes).toHaveLength(1);
});

test("a replica that was found dead is not asked after again", () => {
  const { clock, probes, unheard, call } = fixture();
  unheard.meet("slow", "a");
  call();
  clock.advance(110);
  probes[0]?.answer(false);
  call();
  clock.advance(500);
  expect(probes).toHaveLength(1);
});

test("U1: whoever answers questions within a second is near, until it has not for a second", () => {
  const { clock, probes, unheard, call } = fixture();
  unheard.meet("slow", "a");
  call();
  expect(unheard.isNear).toBe(false);
  clock.advance(110);
  probes[0]?.answer(true);
  expect(unheard.isNear).toBe(true);
  clock.advance(1_100);
  expect(unheard.isNear).toBe(false);
});

test("U3: one that has left is not asked after, and its absence says nothing", () => {
  const { clock, probes, unheard, call } = fixture();
  for (const replica of ["a", "b"]) unheard.meet("slow", replica);
  const first = call();
  clock.advance(110);
  unheard.left("a");
  expect(probes.map(({ isStopped }) => isStopped)).toEqual([true, false]);
  probes[1]?.answer(true);
  clock.advance(500);
  expect(probes.filter(({ replica }) => replica === "a")).toHaveLength(1);
  expect(first.repeatedAt).toEqual([]);
});
