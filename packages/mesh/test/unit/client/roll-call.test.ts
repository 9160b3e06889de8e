import { expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import { Frame, Kind } from "../../../src/protocol/frame.ts";
import { Gate } from "../../support/actor-fixture.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";

const COUNT = 1_200;

async function heldCalls() {
  const world = new InProcessMesh();
  const gate = new Gate();
  const agent = defineAgent({
    name: "slow",
    version: "1.0.0",
    concurrency: COUNT,
    methods: {
      work: {
        input: z.int(),
        output: z.int(),
        run: async (n) => {
          await gate.promise;
          return n;
        },
      },
      numbers: {
        input: z.int(),
        chunk: z.int(),
        async *run(before) {
          for (let i = 0; i < before; i++) yield i;
          await gate.promise;
        },
      },
    },
  });
  const host = await world.join();
  const client = await world.join();
  await host.mesh.serve(agent);
  return { world, gate, host, client, handle: client.mesh.agent(agent) };
}

/** How many calls each ping asked about. */
function asked(pings: readonly { payload: Uint8Array }[]): number[] {
  return pings
    .map(({ payload }) => new Frame(payload).body() as { calls?: unknown[] } | undefined)
    .flatMap((body) => (body?.calls ? [body.calls.length] : []));
}

test("P4: after a reconnect a replica is asked about its calls together, 500 at a time", async () => {
  const { world, gate, client, handle } = await heldCalls();
  const calls = Array.from({ length: COUNT }, (_each, n) => handle.work(n, { timeout: "60s" }));
  await world.advance(60);
  client.transport.become("disconnected");
  client.transport.become("connected");
  await world.advance(60);
  expect(asked(client.transport.framesOf(Kind.ping))).toEqual([500, 500, 200]);
  gate.open(0);
  expect(await world.settle(Promise.all(calls))).toHaveLength(COUNT);
});

test("P4: while the replica is away it is asked one question at a time", async () => {
  const { world, client, host, handle } = await heldCalls();
  const calls = Array.from({ length: COUNT }, (_each, n) => handle.work(n, { timeout: "60s" }));
  const outcomes = Promise.allSettled(calls);
  await world.advance(60);
  client.transport.become("disconnected");
  await host.transport.close();
  const before = client.transport.framesOf(Kind.ping).length;
  client.transport.become("connected");
  await world.advance(1_000);
  const pings = asked(client.transport.framesOf(Kind.ping).slice(before));
  expect(pings.length).toBeGreaterThan(5);
  expect(pings.length).toBeLessThan(13);
  await world.advance(5_000);
  for (const each of await world.settle(outcomes))
    expect(each).toMatchObject({ status: "rejected", reason: { code: "replica_lost" } });
});

test("P4: a call that the replica answered while the connection was down ends soon", async () => {
  const { world, gate, client, host, handle } = await heldCalls();
  const call = handle.work(1, { timeout: "60s" });
  const outcome = call.catch((error: unknown) => error);
  await world.advance(60);
  client.transport.become("disconnected");
  host.transport.onPublish = ({ kind }) => kind !== Kind.result;
  gate.open(0);
  await world.advance(20);
  client.transport.become("connected");
  await world.advance(100);
  expect(await outcome).toMatchObject({ code: "replica_lost" });
});

test("P4, P3: a stream whose chunks were lost ends soon, and its producer is told", async () => {
  const { world, client, host, handle } = await heldCalls();
  const reader = handle.numbers(2, { timeout: "60s" })[Symbol.asyncIterator]();
  await world.settle(reader.next());
  const rest = (async () => {
    while (!(await reader.next()).done);
  })().catch((error: unknown) => error);
  await world.advance(60);
  client.transport.become("disconnected");
  client.transport.become("connected");
  await world.advance(100);
  expect(await rest).toMatchObject({
    code: "replica_lost",
    message: expect.stringContaining("was answering while the connection was down") as string,
  });
  expect(client.transport.framesOf(Kind.cancel)).toHaveLength(1);
  expect(host.transport.status).toBe("connected");
});
