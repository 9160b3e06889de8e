import { expect, test } from "vitest";
import { FakeInbound } from "../../support/fake-inbound.ts";
import { ActorFixture, Gate, turns } from "../../support/actor-fixture.ts";

/** Handlers that run until the test ends them; `started` has their inputs in order. */
function gated(options: { concurrency?: number; mailbox?: number; reentrant?: boolean } = {}): {
  fixture: ActorFixture;
  started: unknown[];
  gates: Gate[];
} {
  const started: unknown[] = [];
  const gates: Gate[] = [];
  const fixture = ActorFixture.of((input) => {
    started.push(input);
    const gate = new Gate();
    gates.push(gate);
    return gate.promise;
  }, options);
  return { fixture, started, gates };
}

test.each([1, 3])(
  "A1, A2: with %d slots so many run at once, and the others start in order",
  async (slots) => {
    const { fixture, started, gates } = gated({ concurrency: slots });
    const inbounds = Array.from({ length: 8 }, (_, i) => fixture.offer(i));
    for (let done = 0; done < 8; done++) {
      expect(fixture.actor.inFlight).toBe(Math.min(slots, 8 - done));
      gates[done]?.open(done);
      await turns(1);
    }
    expect(started).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(inbounds.map(({ resolved }) => resolved)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  },
);

test("A1: a handler that throws gives its slot back, at once or later", async () => {
  const fixture = ActorFixture.of((input) => {
    if (input === "sync") throw new Error("at once");
    return Promise.reject(new Error("later"));
  });
  expect(fixture.offer("sync").failure).toMatchObject({ code: "internal", message: "at once" });
  const later = fixture.offer("async");
  await turns(1);
  expect(later.failure).toMatchObject({ code: "internal", message: "later" });
  expect(fixture.actor.inFlight).toBe(0);
});

test("A1: a reentrant request starts beside the one that leads to it", async () => {
  const { fixture, started, gates } = gated({ reentrant: true });
  fixture.offer("outer");
  fixture.offer("stranger");
  fixture.offer("inner", { chain: ["tester", "other"] });
  expect(started).toEqual(["outer", "inner"]);
  gates[1]?.open(1);
  await turns(1);
  expect(started).toEqual(["outer", "inner"]);
  gates[0]?.open(1);
  await turns(1);
  expect(started).toEqual(["outer", "inner", "stranger"]);
});

test("A3: a full mailbox refuses at once, with the time that the backlog needs", async () => {
  const { fixture, gates } = gated({ concurrency: 2, mailbox: 3 });
  for (let i = 0; i < 2; i++) fixture.offer(i);
  fixture.clock.advance(100);
  gates[0]?.open(0);
  gates[1]?.open(0);
  await turns(1);
  // 100 ms a request has been seen. Two run, three wait, one more: 4 × 100 ms over 2 slots.
  const [, , , , , refused] = Array.from({ length: 6 }, (_, i) => fixture.offer(i));
  expect(refused?.failure).toMatchObject({ code: "overloaded", retryable: true, retryAfterS: 0.2 });
  expect(refused?.failure?.message).toBe(
    '"tester" has 2 requests running and 3 of 3 waiting: try again in 0.2 s.',
  );
  expect(fixture.actor.waiting).toBe(3);
});

test("A3: before anything has finished, the age of what runs tells how long a request takes", () => {
  const { fixture } = gated({ mailbox: 1 });
  fixture.offer(0);
  fixture.offer(1);
  fixture.clock.advance(2_000);
  expect(fixture.offer(2).failure?.retryAfterS).toBe(4);
});

test("A3: an actor without a mailbox refuses what it cannot start", () => {
  const { fixture, started } = gated({ mailbox: 0 });
  fixture.offer(0);
  expect(fixture.offer(1).failure).toMatchObject({ code: "overloaded", retryAfterS: 0.01 });
  expect(started).toEqual([0]);
});

test("A4: after close nothing starts, and everything that was here has ended", async () => {
  const { fixture, started, gates } = gated();
  const [running, waiting] = [fixture.offer("running"), fixture.offer("waiting")];
  await fixture.actor.close();
  const late = fixture.offer("late");
  expect(running.failure).toMatchObject({ code: "replica_lost", retryable: true });
  expect(waiting.failure).toMatchObject({ code: "unavailable", retryable: true });
  expect(late.failure).toMatchObject({ code: "unavailable", retryable: true });
  gates[0]?.open(1);
  await turns(2);
  expect(started).toEqual(["running"]);
  expect(running.outcomes).toHaveLength(1);
  expect(fixture.actor.inFlight).toBe(0);
});

test("A4: idle resolves when nothing waits and nothing runs", async () => {
  const { fixture, gates } = gated();
  fixture.offer(0);
  fixture.offer(1);
  let isIdle = false;
  void fixture.actor.idle().then(() => (isIdle = true));
  gates[0]?.open(0);
  await turns(2);
  expect(isIdle).toBe(false);
  gates[1]?.open(0);
  await turns(2);
  expect(isIdle).toBe(true);
});

test("A5: a long backlog of handlers that return at once is worked off without recursion", async () => {
  const gate = new Gate();
  let served = 0;
  const fixture = ActorFixture.of((input) => (input === "gate" ? gate.promise : ++served), {
    mailbox: 50_000,
  });
  fixture.offer("gate");
  for (let i = 0; i < 50_000; i++) fixture.offer(i);
  gate.open(0);
  await turns(2);
  expect(served).toBe(50_000);
  expect(fixture.actor.inFlight).toBe(0);
  expect(fixture.deadlines.size).toBe(0);
});

test("A3: what waits is bounded in bytes too, and the refusal says so", () => {
  const fixture = ActorFixture.of(() => new Promise(() => {}), { mailboxBytes: 1_000 });
  const offer = (size: number): FakeInbound => {
    const inbound = Object.assign(new FakeInbound("x"), { size });
    fixture.actor.offer("run", inbound);
    return inbound;
  };
  expect(offer(5_000).failure).toBeUndefined();
  expect(offer(600).failure).toBeUndefined();
  const refused = offer(401).failure;
  expect(refused).toMatchObject({
    code: "overloaded",
    message: expect.stringContaining(
      "1 of 1000 waiting, whose 600 bytes leave no room for this one",
    ) as string,
  });
  expect(offer(400).failure).toBeUndefined();
  expect(fixture.actor.waiting).toBe(2);
});
