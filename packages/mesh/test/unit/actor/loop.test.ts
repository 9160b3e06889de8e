import { expect, test } from "vitest";
import { z } from "zod";
import { Loop } from "../../../src/actor/loop.ts";
import { MeshError } from "../../../src/errors.ts";
import { ActorFixture, Gate, turns } from "../../support/actor-fixture.ts";

test("H1: a handler that computes before it gives the loop back is caught at it", async () => {
  const fixture = ActorFixture.of(() => fixture.clock.block(3_000));
  fixture.offer();
  expect(fixture.blocks).toMatchObject([{ blockedMs: 3_000, wasBusy: true }]);
  expect(fixture.blocks[0]?.culprit?.method.name).toBe("run");
});

test("H1: so is one that computes first and then waits", async () => {
  const gate = new Gate();
  const fixture = ActorFixture.of(() => {
    fixture.clock.block(1_500);
    return gate.promise;
  });
  fixture.offer();
  expect(fixture.blocks).toMatchObject([{ blockedMs: 1_500 }]);
  fixture.clock.advance(5_000);
  gate.open(1);
  await turns();
  expect(fixture.blocks).toHaveLength(1);
});

test("H1: so is one that waits first and then computes, and it is told once", async () => {
  const gate = new Gate();
  const fixture = ActorFixture.of(
    async () => {
      await gate.promise;
      fixture.clock.block(2_000);
    },
    { concurrency: 2 },
  );
  fixture.offer();
  fixture.clock.advance(50);
  gate.open(1);
  await turns();
  // The timer that was due meanwhile comes late as well.
  fixture.clock.advance(0);
  expect(fixture.blocks).toHaveLength(1);
  expect(fixture.blocks[0]?.culprit?.method.name).toBe("run");
});

test("H1: so is a stream that computes between two chunks", async () => {
  const fixture = ActorFixture.of(
    async function* () {
      yield 1;
      fixture.clock.block(1_200);
      yield 2;
    },
    { method: { chunk: z.number() } },
  );
  fixture.offer();
  await turns();
  expect(fixture.blocks).toMatchObject([{ blockedMs: 1_200 }]);
  expect(fixture.blocks[0]?.culprit).toBeDefined();
});

test("H1: where nobody is caught, the block is told all the same", () => {
  const fixture = ActorFixture.of(() => new Gate().promise);
  fixture.offer();
  fixture.clock.advance(50);
  fixture.clock.block(4_000);
  fixture.clock.advance(0);
  expect(fixture.blocks).toMatchObject([{ culprit: undefined, wasBusy: true }]);
  expect(fixture.blocks[0]?.blockedMs).toBeGreaterThan(3_990);
});

test("a handler that waits for long blocks nothing", async () => {
  const gate = new Gate();
  const fixture = ActorFixture.of(() => gate.promise);
  fixture.offer();
  fixture.clock.advance(20_000);
  gate.open(1);
  await turns();
  expect(fixture.blocks).toEqual([]);
});

test("nor does a request that comes after a long silence", () => {
  const fixture = ActorFixture.of(() => 1);
  fixture.offer();
  fixture.clock.advance(60_000);
  fixture.offer();
  expect(fixture.blocks).toEqual([]);
});

test("a process that stood still has no culprit", () => {
  const blocks: unknown[] = [];
  const loop = new Loop({ cpu: () => 100 }, (block) => blocks.push(block));
  loop.turn(0);
  loop.yielded({ startedAt: 0 }, 5_000);
  expect(blocks).toEqual([{ blockedMs: 5_000, culprit: undefined, wasBusy: false }]);
});

test("H2: what arrived during a block is not begun, and another replica may take it", async () => {
  const fixture = ActorFixture.of((ms: never) => void (Number(ms) > 0 && fixture.clock.block(Number(ms))));
  fixture.offer(3_000);
  fixture.clock.advance(99);
  const late = fixture.offer(0);
  expect(late.failure).toBeInstanceOf(MeshError);
  expect(late.failure).toMatchObject({ code: "unavailable", retryable: true, retryAfterS: 0.01 });
  fixture.clock.advance(1);
  const next = fixture.offer(0);
  expect(next.failure).toBeUndefined();
});

test("H2: what is sent again after a block is new", () => {
  const fixture = ActorFixture.of((ms: never) => void (Number(ms) > 0 && fixture.clock.block(Number(ms))));
  fixture.offer(3_000);
  expect(fixture.offer(0, { attempt: 2 }).failure).toBeUndefined();
});

test("H1: of several that ran, none is named that may be innocent", async () => {
  const gate = new Gate();
  const fixture = ActorFixture.of(
    async (isGuilty: never) => {
      await gate.promise;
      if (!isGuilty) return;
      fixture.clock.block(3_000);
      await new Gate().promise;
    },
    { concurrency: 2 },
  );
  fixture.offer(true);
  fixture.offer(false);
  gate.open(1);
  await turns();
  expect(fixture.blocks).toMatchObject([{ blockedMs: 3_000, culprit: undefined }]);
});

test("H1: a handler that returns long after its request has ended has blocked nothing", async () => {
  const gate = new Gate();
  const fixture = ActorFixture.of(() => gate.promise);
  fixture.offer(1, { remainingMs: 1_000 });
  fixture.clock.advance(40_000);
  gate.open(1);
  await turns();
  expect(fixture.blocks).toEqual([]);
});

test("whoever is told of a block and fails keeps no slot", () => {
  const fixture = ActorFixture.of(() => fixture.clock.block(3_000));
  fixture.blocks.push = () => {
    throw new Error("the log is full");
  };
  fixture.offer();
  expect(fixture.actor.inFlight).toBe(0);
});
