import { expect, test } from "vitest";
import { ActorFixture, turns } from "../../support/actor-fixture.ts";
import { seeded } from "../../../src/testing/seeded.ts";

interface Scenario {
  readonly concurrency: number;
  readonly mailbox: number;
  /** Requests that come in each second. */
  readonly perSecond: number;
  readonly seconds: number;
  /** Milliseconds that a request takes which begins beside so many others. */
  readonly service: (others: number, random: () => number, now: number) => number;
  readonly timeoutMs?: number;
}

const STEP_MS = 5;

/** What refused callers were told under a steady overload, over the time that the backlog before them really took. */
async function ratiosOf({ concurrency, mailbox, perSecond, seconds, service, timeoutMs }: Scenario) {
  const random = seeded(7);
  const fixture = ActorFixture.of(
    () =>
      new Promise((resolve) => {
        const now = fixture.clock.now();
        fixture.clock.after(service(fixture.actor.inFlight - 1, random, now), () => resolve(undefined));
      }),
    { concurrency, mailbox },
  );
  const { actor, clock } = fixture;
  const begin = clock.now();
  const told: { at: number; ms: number }[] = [];
  const gone: { at: number; total: number }[] = [];
  let taken = 0;
  let due = 0;
  const step = async (perSecond: number): Promise<void> => {
    for (due += (perSecond * STEP_MS) / 1_000; due >= 1; due--) {
      const inbound = fixture.offer(1, timeoutMs === undefined ? {} : { remainingMs: timeoutMs });
      const { failure } = inbound;
      if (failure) told.push({ at: clock.now(), ms: (failure.retryAfterS ?? NaN) * 1_000 });
      else taken++;
    }
    clock.advance(STEP_MS);
    await turns(1);
    gone.push({ at: clock.now(), total: taken - actor.waiting });
  };
  while (clock.now() < begin + seconds * 1_000) await step(perSecond);
  const last = told.at(-1)?.ms ?? NaN;
  const stoppedAt = clock.now();
  while (clock.now() < stoppedAt + last) await step(0);
  const again = fixture.offer("again");
  while (!actor.isIdle) await step(0);
  const indexAt = (at: number): number => Math.floor((at - begin) / STEP_MS);
  const ratios = told
    .filter(({ at }) => at > begin + (seconds * 1_000) / 4)
    .map(({ at, ms }) => {
      const before = indexAt(at);
      const total = (before > 0 ? gone[before - 1]?.total : 0) ?? 0;
      let after = before;
      while (after < gone.length && (gone[after]?.total ?? 0) < total + mailbox) after++;
      return ((gone[after]?.at ?? Infinity) - at) / ms;
    });
  const [low, high] = [0.02, 0.98].map(
    (q) => ratios.toSorted((a, b) => a - b)[Math.floor(q * ratios.length)],
  );
  return { low, high, count: ratios.length, again };
}

const exponential =
  (meanMs: number) =>
  (_others: number, random: () => number): number =>
    -meanMs * Math.log(1 - random());

test.each<[string, Scenario]>([
  ["one slot, equal times", { concurrency: 1, mailbox: 20, perSecond: 60, seconds: 20, service: () => 50 }],
  [
    "one slot, exponential times",
    { concurrency: 1, mailbox: 50, perSecond: 60, seconds: 60, service: exponential(50) },
  ],
  [
    "8 slots, exponential times",
    { concurrency: 8, mailbox: 100, perSecond: 240, seconds: 30, service: exponential(100) },
  ],
  [
    "64 slots in bursts: all begin and end together",
    { concurrency: 64, mailbox: 256, perSecond: 200, seconds: 40, service: () => 1_000 },
  ],
  [
    "16 slots that share one processor: the more run, the longer each takes",
    { concurrency: 16, mailbox: 100, perSecond: 300, seconds: 30, service: (others) => 10 * (others + 1) },
  ],
  [
    "times that go up and down by half in the course of a minute",
    {
      concurrency: 4,
      mailbox: 40,
      perSecond: 150,
      seconds: 70,
      service: (_others, _random, now) => 60 + 30 * Math.sin(now / 10_000),
    },
  ],
  [
    "most expire before it is their turn",
    { concurrency: 1, mailbox: 400, perSecond: 100, seconds: 40, service: () => 100, timeoutMs: 5_000 },
  ],
])(
  "A3: retry_after is the time that the backlog needs, within a factor of two: %s",
  async (_name, scenario) => {
    const { low, high, count, again } = await ratiosOf(scenario);
    expect(count).toBeGreaterThan(20);
    expect(low).toBeGreaterThanOrEqual(0.5);
    expect(high).toBeLessThanOrEqual(2);
    // Whoever has waited so long finds a place.
    expect(again.failure).toBeUndefined();
  },
);
