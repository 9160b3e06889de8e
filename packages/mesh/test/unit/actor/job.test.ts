import { expect, test } from "vitest";
import { z } from "zod";
import { MeshError } from "../../../src/errors.ts";
import { ActorFixture, Gate, turns } from "../../support/actor-fixture.ts";
import type { Context } from "../../../src/contract/context.ts";

const cancelled = new MeshError("cancelled", "the caller gave up.");

test("J1: a result after the deadline is not a second outcome", async () => {
  const gate = new Gate();
  const fixture = ActorFixture.of(() => gate.promise);
  const inbound = fixture.offer(1, { remainingMs: 100 });
  fixture.clock.advance(110);
  expect(inbound.failure?.code).toBe("deadline_exceeded");
  gate.open("too late");
  await turns(2);
  expect(inbound.outcomes).toHaveLength(1);
  expect(inbound.closedTimes).toBe(1);
});

test("J1: an outcome that cannot be sent ends the request all the same, and is logged", () => {
  const gate = new Gate();
  const slow = ActorFixture.of(() => gate.promise);
  const lost = slow.offer(1, { remainingMs: 50 });
  lost.unsendable = new Error("the connection is closed");
  slow.clock.advance(100);
  expect(lost.outcomes).toHaveLength(1);
  expect(slow.log.lines.map(({ level, message }) => [level, message])).toEqual([
    ["warn", "a caller could not be told who holds its request"],
    ["warn", "an error could not be sent to its caller"],
  ]);
});

test("J2: a request that has expired on arrival never starts", () => {
  let started = 0;
  const fixture = ActorFixture.of(() => ++started);
  expect(fixture.offer(1, { remainingMs: 0 }).failure?.code).toBe("deadline_exceeded");
  expect(started).toBe(0);
});

test("J2: a request that expires in the mailbox never starts and frees its place", async () => {
  const gate = new Gate();
  const started: unknown[] = [];
  const fixture = ActorFixture.of((input) => {
    started.push(input);
    return gate.promise;
  });
  fixture.offer("first");
  const inbound = fixture.offer("second", { remainingMs: 50 });
  fixture.clock.advance(60);
  expect(inbound.failure?.message).toBe("tester.run was still waiting in the mailbox at its deadline.");
  expect(fixture.actor.waiting).toBe(0);
  gate.open(1);
  await turns(2);
  expect(started).toEqual(["first"]);
});

test("J2: a request whose time is up does not start, although no timer has had a turn yet", async () => {
  const gate = new Gate();
  const started: unknown[] = [];
  const fixture = ActorFixture.of((input) => {
    started.push(input);
    return gate.promise;
  });
  fixture.offer("first");
  const inbound = fixture.offer("second", { remainingMs: 50 });
  fixture.clock.block(1_000);
  gate.open(1);
  await turns(2);
  expect(started).toEqual(["first"]);
  expect(inbound.failure?.code).toBe("deadline_exceeded");
});

test("J2: a request that was cancelled in the mailbox never starts", async () => {
  const gate = new Gate();
  const started: unknown[] = [];
  const fixture = ActorFixture.of((input) => {
    started.push(input);
    return gate.promise;
  });
  fixture.offer("first");
  const inbound = fixture.offer("second");
  fixture.clock.advance(25);
  inbound.heldBy?.cancel(cancelled);
  expect(inbound.failure?.code).toBe("cancelled");
  gate.open(1);
  await turns(2);
  expect(started).toEqual(["first"]);
  expect(fixture.deadlines.size).toBe(0);
});

test("J2: a request that ends while its input is still being checked never starts", async () => {
  const check = new Gate<boolean>();
  let started = 0;
  const fixture = ActorFixture.of(() => ++started, {
    method: { input: z.string().refine(() => check.promise) },
  });
  const inbound = fixture.offer("x", { remainingMs: 50 });
  fixture.clock.advance(60);
  check.open(true);
  await turns(2);
  expect(inbound.outcomes).toHaveLength(1);
  expect(started).toBe(0);
  expect(fixture.actor.inFlight).toBe(0);
});

test("J2: a request whose time is up once its input is checked never starts, although no timer has had a turn yet", async () => {
  let started = 0;
  const fixture: ActorFixture = ActorFixture.of(() => ++started, {
    method: {
      input: z.string().refine(() => {
        fixture.clock.block(60);
        return true;
      }),
    },
  });
  const inbound = fixture.offer("x", { remainingMs: 50 });
  await turns(2);
  expect(inbound.failure?.message).toBe("tester.run was still having its input checked at its deadline.");
  expect(started).toBe(0);
  expect(fixture.actor.inFlight).toBe(0);
  expect(fixture.deadlines.size).toBe(0);
});

test("J3: the slot is given back when the handler has returned, not when its caller was answered", async () => {
  const gates = [new Gate(), new Gate()];
  const started: unknown[] = [];
  const fixture = ActorFixture.of((input) => {
    started.push(input);
    return gates[input as number]?.promise;
  });
  const first = fixture.offer(0, { remainingMs: 50 });
  fixture.offer(1);
  fixture.clock.advance(60);
  expect(first.failure?.code).toBe("deadline_exceeded");
  expect(started).toEqual([0]);
  gates[0]?.open("late");
  await turns(2);
  expect(started).toEqual([0, 1]);
});

test("J3: a logger that throws keeps neither the slot nor the caller", () => {
  const fixture = ActorFixture.of(() => {
    throw new Error("fault");
  });
  fixture.log.child = () => {
    throw new Error("the disk is full");
  };
  Object.assign(fixture.actor, { log: { child: fixture.log.child, warn: () => {} } });
  expect(fixture.offer(1).failure?.code).toBe("internal");
  expect(fixture.actor.inFlight).toBe(0);
});

test("J4: figures count each request once, by how it ended", async () => {
  const gate = new Gate();
  const fixture = ActorFixture.of((input) => {
    if (input === "fail") throw new MeshError("conflict", "taken");
    return input === "wait" ? gate.promise : input;
  });
  fixture.offer("ok");
  fixture.offer("fail");
  fixture.offer("wait", { remainingMs: 100 });
  fixture.offer("queued", { remainingMs: 50 });
  fixture.clock.advance(200);
  gate.open(1);
  await turns(2);
  const { stats } = fixture.actor.methods.named("run") ?? {};
  expect(stats).toMatchObject({ ended: 4, failed: 3, runningMs: 100, waitingMs: 50 });
  expect(stats?.errors).toEqual({ conflict: 1, deadline_exceeded: 2 });
});

test("J4: what was refused, and what expired while it waited, has no part in the mean time of a run", async () => {
  const gate = new Gate();
  const fixture = ActorFixture.of(() => gate.promise, { mailbox: 1, method: { input: z.string() } });
  fixture.offer(13);
  fixture.offer("runs");
  fixture.offer("expires", { remainingMs: 50 });
  for (let i = 0; i < 8; i++) expect(fixture.offer("shed").failure?.code).toBe("overloaded");
  fixture.clock.advance(100);
  gate.open(1);
  await turns(2);
  expect(fixture.actor.methods.named("run")?.stats).toMatchObject({ ended: 11, started: 1, averageMs: 100 });
});

test("a request that is held for 20 ms says who holds it, once", () => {
  const fixture = ActorFixture.of(() => new Promise(() => {}));
  const [running, waiting] = [fixture.offer(1), fixture.offer(2)];
  fixture.clock.advance(15);
  expect([running.acceptedTimes, waiting.acceptedTimes]).toEqual([0, 0]);
  fixture.clock.advance(500);
  expect([running.acceptedTimes, waiting.acceptedTimes]).toEqual([1, 1]);
});

test("a fast request leaves nothing on the wheel", () => {
  const fixture = ActorFixture.of((input) => input);
  fixture.offer(1);
  expect(fixture.deadlines.size).toBe(0);
  expect(fixture.clock.armed).toBe(0);
});

test("ctx.signal fires with the reason, also for a handler that asks late", async () => {
  const gate = new Gate<Context>();
  const hold = new Gate();
  const fixture = ActorFixture.of(async (_input: never, ctx: Context) => {
    gate.open(ctx);
    await hold.promise;
  });
  const inbound = fixture.offer(1);
  const ctx = await gate.promise;
  fixture.clock.advance(25);
  inbound.heldBy?.cancel(cancelled);
  expect(ctx.signal.aborted).toBe(true);
  expect(ctx.signal.reason).toMatchObject({ code: "cancelled" });
  hold.open(1);
});
