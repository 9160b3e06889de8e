import { expect, test } from "vitest";
import { ActorFixture } from "../../support/actor-fixture.ts";
import type { FakeInbound } from "../../support/fake-inbound.ts";

const echo = (value: unknown): unknown => value;
const isTaken = ({ failure }: FakeInbound): boolean => failure === undefined;

test("I1: a burst is taken, then one after another, and who is refused is told exactly when", () => {
  const fixture = ActorFixture.of(echo, { rateLimit: { perSecond: 4, burst: 2 } });
  const offers = [1, 2, 3].map((n) => fixture.offer(n, { sender: `${n}` }));
  expect(offers.map(isTaken)).toEqual([true, true, false]);
  expect(offers[2]?.failure).toMatchObject({
    code: "overloaded",
    retryable: true,
    retryAfterS: 0.25,
    message: 'a replica of "tester" takes 4 requests a second: try again in 0.25 s.',
  });
  fixture.clock.advance(100);
  expect(fixture.offer(4).failure?.retryAfterS).toBe(0.15);
  fixture.clock.advance(150);
  expect(isTaken(fixture.offer(5))).toBe(true);
  expect(fixture.offer(6).failure?.retryAfterS).toBe(0.25);
});

test("I1: who asks again when it was told to gets through, and the rate is kept", () => {
  const fixture = ActorFixture.of(echo, { rateLimit: { perSecond: 10 } });
  let taken = 0;
  let refused = 0;
  for (const begin = fixture.clock.now(); fixture.clock.now() <= begin + 10_000;) {
    const { failure } = fixture.offer(1);
    if (!failure) taken++;
    else {
      refused++;
      fixture.clock.advance((failure.retryAfterS ?? NaN) * 1_000);
    }
  }
  // Those of a second at once, then ten in each, each after one refusal.
  expect([taken, refused]).toEqual([10 + 100, 101]);
});

test("I1: half a request a second is one in two", () => {
  const fixture = ActorFixture.of(echo, { rateLimit: { perSecond: 0.5 } });
  expect(isTaken(fixture.offer(1))).toBe(true);
  expect(fixture.offer(2).failure?.retryAfterS).toBe(2);
});

test("I1: each caller has a limit of its own", () => {
  const fixture = ActorFixture.of(echo, { callerRateLimit: { perSecond: 1, burst: 2 } });
  const offers = ["a", "a", "a", "b", "b", "b"].map((sender) => fixture.offer(1, { sender }));
  expect(offers.map(isTaken)).toEqual([true, true, false, true, true, false]);
  expect(offers[2]?.failure?.message).toBe(
    'a replica of "tester" takes 1 requests a second from each caller: try again in 1 s.',
  );
});

test("I2: what one limit refuses counts for the other neither", () => {
  const fixture = ActorFixture.of(echo, {
    rateLimit: { perSecond: 1, burst: 3 },
    callerRateLimit: { perSecond: 0.1, burst: 1 },
  });
  expect(isTaken(fixture.offer(1, { sender: "a" }))).toBe(true);
  for (let n = 0; n < 10; n++) expect(isTaken(fixture.offer(1, { sender: "a" }))).toBe(false);
  expect(isTaken(fixture.offer(1, { sender: "b" }))).toBe(true);
  expect(isTaken(fixture.offer(1, { sender: "c" }))).toBe(true);
  for (let n = 0; n < 10; n++) expect(fixture.offer(1, { sender: "d" }).failure?.retryAfterS).toBe(1);
  fixture.clock.advance(1_000);
  expect(isTaken(fixture.offer(1, { sender: "d" }))).toBe(true);
});

test("I2: what is refused for another reason takes nothing", () => {
  const fixture = ActorFixture.of(echo, { rateLimit: { perSecond: 1, burst: 1 } });
  expect(fixture.offer(1, { remainingMs: 0 }).failure?.code).toBe("deadline_exceeded");
  expect(fixture.offer(1, { chain: ["tester"] }).failure?.code).toBe("conflict");
  expect(isTaken(fixture.offer(1))).toBe(true);
});

test("I3: of the callers those that asked last are known", () => {
  const fixture = ActorFixture.of(echo, { callerRateLimit: { perSecond: 0.001, burst: 1 } });
  const offer = (sender: string): boolean => isTaken(fixture.offer(1, { sender }));
  expect([offer("first"), offer("first")]).toEqual([true, false]);
  for (let n = 0; n < 9_999; n++) expect(offer(`${n}`)).toBe(true);
  expect([offer("first"), offer("0"), offer("9998")]).toEqual([false, false, false]);
  for (let n = 0; n < 10_000; n++) expect(offer(`another ${n}`)).toBe(true);
  expect(offer("first")).toBe(true);
});
