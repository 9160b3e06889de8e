import { expect } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import { turns } from "../../support/actor-fixture.ts";
import { test } from "../../../src/testing/vitest.ts";

/** `outer` waits at the gate, then needs `inner`, which nobody else hosts. */
function agents(gate: Promise<void>) {
  const stops: string[] = [];
  const inner = defineAgent({
    name: "inner",
    version: "1.0.0",
    onStop: () => stops.push("inner"),
    methods: {
      double: { input: z.int(), output: z.int(), run: (n) => n * 2 },
      count: {
        input: z.int(),
        chunk: z.int(),
        async *run(to) {
          for (let i = 0; i < to; i++) yield i;
        },
      },
    },
  });
  const outer = defineAgent({
    name: "outer",
    version: "1.0.0",
    onStop: () => stops.push("outer"),
    methods: {
      call: {
        input: z.int(),
        output: z.int(),
        async run(n, ctx) {
          await gate;
          return ctx.agent(inner).double(n);
        },
      },
      stream: {
        input: z.int(),
        output: z.array(z.int()),
        async run(n, ctx) {
          await gate;
          return ctx.agent(inner).count(n).collect();
        },
      },
    },
  });
  return { inner, outer, stops };
}

test("R2: while a node drains, what still runs in it may call the agents that only it hosts", async ({
  mesh: world,
}) => {
  const gate = Promise.withResolvers<void>();
  const { inner, outer, stops } = agents(gate.promise);
  const node = await world.member();
  await node.serve(inner);
  await node.serve({ ...outer, concurrency: 2 });
  const client = await world.member();

  const answers = [client.agent(outer).call(21), client.agent(outer).stream(3)];
  await turns(5);
  const drained = node.drain();
  await turns(5);
  expect(stops).toEqual([]);
  await expect(world.settle(client.agent(inner).double(1))).rejects.toMatchObject({ code: "unavailable" });

  gate.resolve();
  expect(await world.settle(Promise.all(answers))).toEqual([42, [0, 1, 2]]);
  await world.settle(drained);
  expect(stops.toSorted()).toEqual(["inner", "outer"]);
});

test("a node that has drained can serve again", async ({ mesh: world }) => {
  const { inner } = agents(Promise.resolve());
  const node = await world.member();
  await node.serve(inner);
  await world.settle(node.drain());
  await node.serve(inner);
  expect(await world.settle(node.agent(inner).double(4))).toBe(8);
});

test("R1: a drain that begins while the connection is down takes no requests when it is back", async ({
  mesh: world,
}) => {
  const gate = Promise.withResolvers<void>();
  const { outer } = agents(gate.promise);
  const { mesh: node, transport } = await world.join();
  await node.serve({ ...outer, concurrency: 2 });
  const client = await world.member();
  client
    .agent(outer)
    .call(1, { timeout: "20s" })
    .catch(() => {});
  await turns(5);
  transport.become("disconnected");
  const drained = node.drain();
  await turns(5);
  transport.become("connected");
  const late = client.agent(outer).call(2, { timeout: 1_000 });
  await expect(world.settle(late)).rejects.toMatchObject({
    message: expect.stringMatching(/nobody/) as string,
  });
  gate.resolve();
  await world.settle(drained);
});

test("R1: a drain during which the connection breaks takes no requests either when it is back", async ({
  mesh: world,
}) => {
  const gate = Promise.withResolvers<void>();
  const { outer } = agents(gate.promise);
  const { mesh: node, transport } = await world.join();
  const left: string[] = [];
  const { subscribe } = transport;
  transport.subscribe = (subject, onMessage, options) => {
    const inner = subscribe.call(transport, subject, onMessage, options);
    const unsubscribe = (): void => {
      left.push(subject);
      inner.unsubscribe();
    };
    return { drain: () => new Promise(() => {}), unsubscribe };
  };
  await node.serve(outer);
  const client = await world.member();
  client
    .agent(outer)
    .call(1, { timeout: "20s" })
    .catch(() => {});
  await turns(5);
  void node.drain({ timeout: 1_000 });
  await turns(5);
  expect(left).not.toContain("mesh.outer.*");
  transport.become("disconnected");
  expect(left).toEqual(expect.arrayContaining(["mesh.outer", "mesh.outer.*"]));
  gate.resolve();
});

test("R2: a drain says what it waits for, and what it gave up when its time ran out", async ({
  mesh: world,
}) => {
  const { outer } = agents(new Promise(() => {}));
  const node = await world.member();
  await node.serve({ ...outer, concurrency: 2 });
  const client = await world.member();
  client
    .agent(outer)
    .call(1, { timeout: 100 })
    .catch(() => {});
  client
    .agent(outer)
    .stream(1, { timeout: "60s" })
    .catch(() => {});
  await world.advance(200);
  const drained = node.drain({ timeout: "7s" });
  await world.advance(5_100);
  const load = { agent: "outer", waiting: {}, running: { stream: 1 }, ended: { call: 1 } };
  const warnings = () => world.log.lines.filter(({ message }) => message.includes("the drain"));
  expect(warnings()).toMatchObject([{ fields: load, message: "the drain waits for what is still here" }]);
  await world.advance(2_000);
  await drained;
  expect(warnings().slice(1)).toMatchObject([
    { fields: load, message: "the drain's time is up: what is still here is given up" },
  ]);
});
