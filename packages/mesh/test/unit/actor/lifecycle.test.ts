import { expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import { ActorFixture, turns } from "../../support/actor-fixture.ts";
import { FakeInbound } from "../../support/fake-inbound.ts";

const head = { name: "counter", version: "1.0.0" };

test("state is made once, handed to onStart, kept between requests, and handed to onStop", async () => {
  const seen: unknown[] = [];
  const fixture = new ActorFixture(
    defineAgent({
      ...head,
      state: async () => ({ count: 10 }),
      onStart: (ctx) => {
        ctx.state.count++;
        seen.push(["start", ctx.replica, ctx.state.count]);
      },
      onStop: (ctx) => {
        seen.push(["stop", ctx.state.count]);
      },
      methods: {
        next: { input: z.unknown(), output: z.number(), run: (_input, ctx) => ++ctx.state.count },
        reset: {
          input: z.number(),
          run: (count, ctx) => {
            ctx.state = { count };
          },
        },
      },
    }),
  );
  await fixture.actor.start();
  const results = ["next", "next", "reset", "next"].map((method) => {
    const inbound = new FakeInbound(100);
    fixture.actor.offer(method, inbound);
    return inbound.resolved;
  });
  await fixture.actor.close();
  await fixture.actor.close();
  expect(results).toEqual([12, 13, undefined, 101]);
  expect(seen).toEqual([
    ["start", "node-1", 11],
    ["stop", 101],
  ]);
});

test("onLeave is told of the end before it comes, and what it throws harms nothing", async () => {
  const seen: unknown[] = [];
  const fixture = new ActorFixture(
    defineAgent({
      ...head,
      state: () => ({ count: 10 }),
      onLeave: ({ state }) => {
        seen.push(["leave", state.count]);
        throw new Error("not now");
      },
      onStop: () => void seen.push("stop"),
      methods: { next: { input: z.unknown(), output: z.number(), run: (_input, ctx) => ++ctx.state.count } },
    }),
  );
  // Before it has started there is nothing that it could leave.
  fixture.actor.lives.leave();
  await fixture.actor.start();
  fixture.actor.lives.leave();
  const inbound = new FakeInbound(100);
  fixture.actor.offer("next", inbound);
  await fixture.actor.close();
  expect(inbound.resolved).toBe(11);
  expect(seen).toEqual([["leave", 10], "stop"]);
});

test.each(["state", "onStart"] as const)(
  "what %s throws keeps the actor from starting, with its cause",
  async (field) => {
    const cause = new Error("no model file");
    const fixture = new ActorFixture(
      defineAgent({
        ...head,
        [field]: async () => {
          throw cause;
        },
        methods: { next: { input: z.unknown(), run: () => 1 } },
      }),
    );
    const failure = fixture.actor.start();
    await expect(failure).rejects.toMatchObject({
      code: "unavailable",
      retryable: false,
      agent: "counter",
      message: 'agent "counter" did not start: no model file.',
      cause,
    });
  },
);

test("what onStop throws is logged and stops nothing", async () => {
  const fixture = new ActorFixture(
    defineAgent({
      ...head,
      onStop: () => {
        throw new Error("cannot save");
      },
      methods: { next: { input: z.unknown(), run: () => 1 } },
    }),
  );
  await fixture.actor.start();
  await fixture.actor.close();
  await turns(1);
  expect(fixture.log.errors.map(({ message }) => message)).toEqual(["onStop failed"]);
});
