import { expect, test } from "vitest";
import { ActorFixture, Gate, turns } from "../../support/actor-fixture.ts";
import type { FakeInbound } from "../../support/fake-inbound.ts";

/** One slot, which is taken; what begins after it ends at once. */
function busy(mailbox: number): { fixture: ActorFixture; started: unknown[]; gate: Gate } {
  const started: unknown[] = [];
  const gate = new Gate();
  const fixture = ActorFixture.of(
    (input) => {
      started.push(input);
      return input === "first" ? gate.promise : input;
    },
    { mailbox },
  );
  fixture.offer("first");
  return { fixture, started, gate };
}

test("M5: a caller with little takes the place of the newest of whoever has the most, which is told so and never begun", async () => {
  const { fixture, started, gate } = busy(3);
  const noisy = [1, 2, 3].map((n) => fixture.offer(`noisy ${n}`, { sender: "noisy" }));
  const quiet = fixture.offer("quiet", { sender: "quiet" });
  expect(noisy[2]?.failure).toMatchObject({
    code: "overloaded",
    retryable: true,
    message:
      '"tester" has 1 requests running and 3 of 3 waiting, and this one has made room for another: try again in 0.01 s.',
  });
  expect(noisy[2]?.closedTimes).toBe(1);
  expect(fixture.offer("again", { sender: "noisy" }).failure).toMatchObject({ code: "overloaded" });
  gate.open(0);
  await turns(2);
  expect(started).toEqual(["first", "noisy 1", "quiet", "noisy 2"]);
  expect([...noisy, quiet].map(({ outcomes }) => outcomes.length)).toEqual([1, 1, 1, 1]);
  expect(fixture.deadlines.size).toBe(0);
});

test("M4: what is urgent is begun first, and what is not in the end", async () => {
  const { fixture, started, gate } = busy(100);
  for (const priority of ["low", "normal", "high"] as const)
    for (let n = 0; n < 2; n++) fixture.offer(`${priority} ${n}`, { priority });
  gate.open(0);
  await turns(2);
  expect(started).toEqual(["first", "high 0", "high 1", "normal 0", "normal 1", "low 0", "low 1"]);
});

test("M6: a caller whose share of the turns is small may have less waiting, and is told so", async () => {
  const refused: FakeInbound[] = [];
  const gates: Gate[] = [];
  const slow = ActorFixture.of(
    () => {
      const gate = new Gate();
      gates.push(gate);
      return gate.promise;
    },
    { mailbox: 20 },
  );
  slow.offer(0);
  for (let n = 0; n < 100; n++) {
    slow.clock.advance(10);
    // One of each other sender in every turn.
    for (const sender of ["a", "b", "c", "noisy", "noisy"]) {
      const inbound = slow.offer(n, { sender });
      if (inbound.failure && sender === "noisy") refused.push(inbound);
    }
    gates[n]?.open(0);
    await turns(1);
  }
  expect(refused.at(-1)?.failure).toMatchObject({ code: "overloaded", retryable: true });
  expect(refused.some(({ failure }) => failure?.message.includes("its share of the turns"))).toBe(true);
});

test("J2, M5: what has expired in a full mailbox makes room without being begun", () => {
  const { fixture, started } = busy(1);
  const old = fixture.offer("old", { remainingMs: 100 });
  expect(fixture.offer("too many").failure?.code).toBe("overloaded");
  fixture.clock.advance(105);
  expect(old.failure?.code).toBe("deadline_exceeded");
  expect(fixture.offer("new").failure).toBeUndefined();
  expect(started).toEqual(["first"]);
});
