import { expect } from "vitest";
import { z } from "zod";
import { type Agent, type Behaviour, defineAgent } from "../../../src/contract/agent.ts";
import type { MeshError } from "../../../src/errors.ts";
import { defineTree } from "../../../src/supervision/tree.ts";
import { Gate, turns } from "../../support/actor-fixture.ts";
import { test } from "../../../src/testing/vitest.ts";

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

/** An actor that counts its lives, and does what it is told. */
function mortal(
  behaviour: Behaviour<{ life: number; asked: number }> = {},
  diary: string[] = [],
  name = "mortal",
) {
  let lives = 0;
  const gates: Gate<string>[] = [];
  const agent = defineAgent({
    name,
    version: "1.0.0",
    concurrency: 2,
    onFailure: "restart",
    ...behaviour,
    state: () => ({ life: ++lives, asked: 0 }),
    onStart: ({ state }) => void diary.push(`start ${name} ${state.life}`),
    onStop: ({ state }) => void diary.push(`stop ${name} ${state.life}`),
    inspect: ({ life }) => ({ life }),
    methods: {
      which: { input: z.unknown(), output: z.number(), run: (_input, { state }) => state.life },
      crash: {
        input: z.unknown(),
        run() {
          throw new TypeError("boom");
        },
      },
      wait: {
        input: z.unknown(),
        output: z.string(),
        async run(_input, ctx) {
          const gate = new Gate<string>();
          gates.push(gate);
          const word = await gate.promise;
          ctx.state.asked++;
          return `${word} in life ${ctx.state.life}`;
        },
      },
      again: {
        input: z.unknown(),
        idempotent: true,
        output: z.number(),
        async run(_input, ctx) {
          if (ctx.request.attempt === 1) await new Gate().promise;
          return ctx.state.life;
        },
      },
    },
  });
  return { agent, gates, diary };
}

test("A6: what ran when the actor crashed ends, what waited is served by its next life", async ({
  mesh: world,
}) => {
  const { agent } = mortal();
  await (await world.member()).serve(agent);
  const client = await world.member();
  const running = outcome(client.call("mortal.wait"));
  await world.advance(30);
  const crash = outcome(client.call("mortal.crash"));
  const waiting = Array.from({ length: 5 }, () => client.call("mortal.which"));
  expect(await world.settle(crash)).toMatchObject({ code: "internal" });
  expect(await world.settle(running)).toMatchObject({
    code: "replica_lost",
    message: expect.stringContaining("mortal.wait was ended while it ran (it has failed: boom)") as string,
  });
  expect(await world.settle(Promise.all(waiting))).toEqual([2, 2, 2, 2, 2]);
});

test("A6, P4: what ran and may be repeated is done by the next life, unseen by its caller", async ({
  mesh: world,
}) => {
  const { agent } = mortal();
  await (await world.member()).serve(agent);
  const client = await world.member();
  const running = client.agent(agent).again(0);
  await world.advance(30);
  await world.settle(outcome(client.call("mortal.crash")));
  expect(await world.settle(running)).toBe(2);
});

test("A6: a handler that outlives its actor keeps the state that it began with, and no slot", async ({
  mesh: world,
}) => {
  const { agent, gates } = mortal();
  const hosting = await (await world.member()).serve(agent);
  const client = await world.member();
  const running = outcome(client.call("mortal.wait"));
  await world.advance(30);
  await world.settle(outcome(client.call("mortal.crash")));
  await world.settle(running);
  const next = [outcome(client.call("mortal.wait")), outcome(client.call("mortal.wait"))];
  await world.advance(300);
  expect(hosting.load.running).toBe(2);
  gates[0]?.open("late");
  await world.advance(10);
  expect(hosting.load.running).toBe(2);
  for (const gate of gates) gate.open("done");
  expect(await world.settle(Promise.all(next))).toEqual(["done in life 2", "done in life 2"]);
});

test("an answer with a code, and another agent's failure, are no failures of the actor", async ({
  mesh: world,
}) => {
  const { agent } = mortal();
  const caller = defineAgent({
    name: "caller",
    version: "1.0.0",
    onFailure: "restart",
    state: () => ({ calls: 0 }),
    methods: {
      pass: {
        input: z.unknown(),
        async run(_input, ctx) {
          ctx.state.calls++;
          await ctx.call("mortal.crash");
        },
      },
      calls: { input: z.unknown(), run: (_input, { state }) => state.calls },
    },
  });
  const member = await world.member();
  await member.serve(agent);
  await member.serve(caller);
  expect(await world.settle(outcome(member.call("caller.pass")))).toMatchObject({ code: "internal" });
  expect(await world.settle(member.call("caller.calls"))).toBe(1);
  expect(await world.settle(outcome(member.call("caller.nothing")))).toMatchObject({ code: "not_found" });
});

test("by default an actor goes on as it is", async ({ mesh: world }) => {
  const { agent } = mortal();
  const { onFailure: _rule, ...unruled } = agent;
  const member = await world.member();
  await member.serve(unruled);
  await world.settle(outcome(member.call("mortal.crash")));
  expect(await world.settle(member.call("mortal.which"))).toBe(1);
});

test("restarts are events, and there to see", async ({ mesh: world }) => {
  const { agent, diary } = mortal();
  const member = await world.member();
  await member.serve(agent);
  const events: string[] = [];
  member.observe((seen) => {
    if (seen.type === "event") events.push(seen.kind);
  });
  await world.settle(outcome(member.call("mortal.crash")));
  expect(await world.settle(member.call("mortal.which"))).toBe(2);
  expect(events).toEqual(["halted", "restarted"]);
  expect(diary).toEqual(["start mortal 1", "stop mortal 1", "start mortal 2"]);
  const looking = member.stats("mortal");
  await world.advance(300);
  expect((await looking)[0]).toMatchObject({ restarts: 1, status: { life: 2 } });
});

test("V3: one that fails too often leaves its pool, and the mesh is told", async ({ mesh: world }) => {
  const { agent } = mortal();
  const told: MeshError[] = [];
  const member = await world.member({ onEscalation: (error) => told.push(error) });
  await member.serve(agent);
  const client = await world.member();
  for (let i = 0; i < 6; i++) await world.settle(outcome(client.call("mortal.crash", 0, { timeout: "15s" })));
  const left = outcome(client.call("mortal.which", 0, { timeout: "1s" }));
  expect(await world.settle(left)).toMatchObject({ code: "unavailable" });
  expect(told).toHaveLength(1);
  expect(told[0]?.message).toContain('the supervisor of "mortal" gives up');
});

test("one that is to be stopped leaves its pool at once, and what waits there goes to another", async ({
  mesh: world,
}) => {
  const first = mortal({ concurrency: 1, onFailure: "stop" });
  const hosting = await (await world.member()).serve(first.agent);
  const client = await world.member();
  const running = outcome(client.call("mortal.wait"));
  await world.advance(30);
  const crash = outcome(client.call("mortal.crash"));
  const waiting = client.call("mortal.which");
  await world.advance(10);
  expect(hosting.load.waiting).toBe(2);
  await (await world.member()).serve(mortal().agent);
  first.gates[0]?.open("done");
  await world.settle(Promise.all([running, crash]));
  expect(await world.settle(waiting)).toBe(1);
});

test("R2: what waits for a restart is served by a drain that comes meanwhile", async ({ mesh: world }) => {
  const { agent } = mortal();
  const member = await world.member();
  await member.serve(agent);
  const client = await world.member();
  await world.settle(outcome(client.call("mortal.crash")));
  const waiting = client.call("mortal.which");
  await world.advance(10);
  const drained = member.drain();
  expect(await world.settle(waiting)).toBe(2);
  await world.settle(drained);
});

test("V1: a tree starts in order and stops in reverse order, also when it drains", async ({
  mesh: world,
}) => {
  const diary: string[] = [];
  const [a, b, c] = ["a", "b", "c"].map((name) => mortal({}, diary, name).agent);
  const tree = defineTree({
    name: "all",
    children: [a as Agent, defineTree({ name: "inner", children: [b as Agent, c as Agent] })],
  });
  const member = await world.member();
  await member.supervise(tree);
  await world.settle(member.drain());
  expect(diary).toEqual(["start a 1", "start b 1", "start c 1", "stop c 1", "stop b 1", "stop a 1"]);
});

test("V2: in a tree, those that depend on the one that failed begin anew with it", async ({
  mesh: world,
}) => {
  const diary: string[] = [];
  const [a, b, c] = ["a", "b", "c"].map((name) => mortal({}, diary, name).agent);
  const member = await world.member();
  await member.supervise(
    defineTree({ name: "all", strategy: "rest-for-one", children: [a as Agent, b as Agent, c as Agent] }),
  );
  diary.length = 0;
  await world.settle(outcome(member.call("b.crash")));
  expect(await world.settle(member.call("c.which"))).toBe(2);
  expect(await world.settle(member.call("a.which"))).toBe(1);
  expect(diary).toEqual(["stop c 1", "stop b 1", "start b 2", "start c 2"]);
});

test("R2: a drain finishes what runs in a tree that is starting still, which then fails to start", async ({
  mesh: world,
}) => {
  const { agent, gates, diary } = mortal();
  const loaded = new Gate();
  const slow = defineAgent({
    name: "slow",
    version: "1.0.0",
    onStart: () => loaded.promise,
    methods: { run: { input: z.unknown(), run: () => 1 } },
  });
  const member = await world.member();
  const starting = outcome(member.supervise(defineTree({ name: "all", children: [agent, slow] })));
  await world.advance(30);
  const running = (await world.member()).call("mortal.wait");
  await world.advance(30);
  const drained = member.drain();
  await world.advance(30);
  gates[0]?.open("done");
  expect(await world.settle(running)).toBe("done in life 1");
  await world.settle(drained);
  expect(diary).toEqual(["start mortal 1", "stop mortal 1"]);
  loaded.open(undefined);
  expect(await world.settle(starting)).toMatchObject({ code: "unavailable" });
});

test("a life may fail outside of its requests: once it has started, until it stops, and never less than anew", async ({
  mesh: world,
}) => {
  const fails: ((error: unknown) => void)[] = [];
  const frail = defineAgent({
    name: "frail",
    version: "1.0.0",
    onFailure: { RangeError: "stop", otherwise: "resume" },
    onStart: ({ fail }) => {
      fail(new Error("too early"));
      fails.push(fail);
    },
    methods: { life: { input: z.unknown(), output: z.int(), run: () => fails.length } },
  });
  const member = await world.member();
  await member.serve(frail);
  expect(await world.settle(member.call("frail"))).toBe(1);
  fails[0]?.(new Error("the connection is gone"));
  expect(await world.settle(member.call("frail"))).toBe(2);
  // A6
  fails[0]?.(new RangeError("too late"));
  expect(await world.settle(member.call("frail"))).toBe(2);
  fails[1]?.(new RangeError("for good"));
  expect(await world.settle(outcome(member.call("frail", 0, { timeout: 500 })))).toMatchObject({
    code: "unavailable",
  });
});

test("R4: a tree of which one does not start leaves nothing behind", async ({ mesh: world }) => {
  const diary: string[] = [];
  const bad = defineAgent({
    name: "bad",
    version: "1.0.0",
    onStart: () => {
      throw new Error("no disk");
    },
    methods: { run: { input: z.unknown(), run: () => 1 } },
  });
  const member = await world.member();
  const tree = defineTree({ name: "all", children: [mortal({}, diary, "a").agent, bad] });
  const started = outcome(member.supervise(tree));
  await world.advance(50);
  expect(await started).toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("no disk") as string,
  });
  expect(diary).toEqual(["start a 1", "stop a 1"]);
  await turns();
  expect(await world.settle(outcome(member.call("a.which", 0, { timeout: 500 })))).toMatchObject({
    code: "unavailable",
  });
});
