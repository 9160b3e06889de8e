import { expect, test } from "vitest";
import type { ConcurrencyPolicy } from "../../../src/limit/concurrency.ts";
import type { Context } from "../../../src/contract/context.ts";
import { MeshError } from "../../../src/errors.ts";
import type { FakeInbound } from "../../support/fake-inbound.ts";
import { ActorFixture, Gate, turns } from "../../support/actor-fixture.ts";

/** An actor under a policy, whose handlers run until the test ends them. */
class Learner {
  readonly gates: Gate[] = [];
  readonly fixture: ActorFixture;

  constructor(concurrency: ConcurrencyPolicy) {
    const run = (): Promise<unknown> => {
      const gate = new Gate();
      this.gates.push(gate);
      return gate.promise;
    };
    this.fixture = ActorFixture.of(run, { concurrency });
  }

  get slots(): number {
    return this.fixture.actor.slots;
  }

  offer(count: number, remainingMs = 1e9): FakeInbound[] {
    return Array.from({ length: count }, (_, n) => this.fixture.offer(n, { remainingMs }));
  }

  /** Ends the oldest handlers, after a while. */
  async end(count: number, tookMs: number, error?: Error): Promise<void> {
    this.fixture.clock.advance(tookMs);
    for (const gate of this.gates.splice(0, count)) {
      if (error) gate.fail(error);
      else gate.open("done");
    }
    await turns(2);
  }
}

test("A1, A2: slots that grow start what waits, in order, and all of it", async () => {
  const learner = new Learner({ policy: "aimd", max: 16 });
  const { actor } = learner.fixture;
  const inbounds = learner.offer(100);
  const seen = [actor.inFlight];
  while (!actor.isIdle) {
    await learner.end(actor.inFlight, 100);
    expect(actor.inFlight).toBeLessThanOrEqual(learner.slots);
    seen.push(actor.inFlight);
  }
  expect(seen.slice(0, 5)).toEqual([2, 4, 8, 16, 16]);
  expect(inbounds.every(({ resolved }) => resolved === "done")).toBe(true);
});

test("A1: slots that shrink let what runs finish, and start nothing until there is room", async () => {
  const learner = new Learner({ policy: "simple", min: 1 });
  const { actor } = learner.fixture;
  learner.offer(1_000);
  while (learner.slots < 10) await learner.end(actor.inFlight, 100);
  while (learner.slots > 4) await learner.end(1, 30_000);
  expect(actor.inFlight).toBeLessThanOrEqual(5);
  await learner.end(1, 30_000);
  expect(actor.inFlight).toBe(4);
});

test.each(["overloaded", "timeout", "unavailable", "internal"] as const)(
  "Q2: handlers that fail with %s take slots away",
  async (code) => {
    const learner = new Learner({ policy: "aimd", min: 1, max: 8 });
    learner.offer(500);
    while (learner.slots < 8) await learner.end(1, 10);
    for (let n = 0; n < 100; n++)
      await learner.end(learner.fixture.actor.inFlight, 10, new MeshError(code, "no"));
    expect(learner.slots).toBe(1);
  },
);

test.each(["bad_request", "not_found", "conflict"] as const)(
  "Q2: a handler that answers %s on purpose changes nothing",
  async (code) => {
    const learner = new Learner({ policy: "gradient", min: 3 });
    learner.offer(300);
    for (let n = 0; n < 200; n++) await learner.end(1, 10, new MeshError(code, "no"));
    expect(learner.slots).toBe(3);
  },
);

test("Q2: requests that end at their deadline count against the slots, and cancelled ones do not", async () => {
  const learner = new Learner({ policy: "aimd", min: 1, max: 8 });
  learner.offer(20);
  while (learner.slots < 8) await learner.end(1, 10);
  await learner.end(20, 10);
  const cancelled = learner.offer(8);
  for (const { heldBy } of cancelled) heldBy?.cancel(new MeshError("cancelled", "never mind"));
  learner.fixture.clock.advance(30);
  for (const { heldBy } of cancelled) heldBy?.cancel(new MeshError("cancelled", "never mind"));
  await learner.end(8, 10);
  expect(learner.slots).toBe(8);
  learner.offer(8, 50);
  await learner.end(8, 100);
  expect(learner.slots).toBe(7);
});

test("a backlog is reckoned with the slots of the moment", async () => {
  const learner = new Learner({ policy: "aimd", max: 4 });
  learner.offer(40);
  while (learner.slots < 4) await learner.end(1, 100);
  expect(learner.fixture.actor.load.running).toEqual({ run: 4 });
});

test.each([
  ["fail", "unavailable", true],
  ["ask in vain", "unavailable", false],
])(
  "AK9: what handlers that %s say of the load (%s): it takes slots away is %s",
  async (how, code, shrinks) => {
    const run = (_input: unknown, ctx: Context): unknown => {
      if (how === "ask in vain") return ctx.ask("Go on?");
      throw new MeshError("unavailable", "as asked");
    };
    const fixture = ActorFixture.of(run, { concurrency: { policy: "aimd", min: 1, max: 8 } });
    const before = fixture.actor.slots;
    const inbounds = Array.from({ length: 20 }, (_each, n) => fixture.offer(n));
    await turns(8);
    expect(inbounds.map(({ failure }) => failure?.code)).toEqual(inbounds.map(() => code));
    expect(fixture.actor.slots < before).toBe(shrinks);
  },
);
