import { getEventListeners } from "node:events";
import { expect } from "vitest";
import { z } from "zod";
import { type Agent, defineAgent } from "../../../src/contract/agent.ts";
import { Frame, Kind } from "../../../src/protocol/frame.ts";
import { Gate, turns } from "../../support/actor-fixture.ts";
import { test } from "../../../src/testing/vitest.ts";

interface Slow {
  agent: Agent;
  signals: AbortSignal[];
  gates: Gate[];
}

/** Requests that run until the test ends them. */
function slow(): Slow {
  const [signals, gates]: [AbortSignal[], Gate[]] = [[], []];
  const agent = define((signal) => {
    const gate = new Gate();
    signals.push(signal);
    gates.push(gate);
    return gate.promise;
  });
  return { agent, signals, gates };
}

function define(run: (signal: AbortSignal) => Promise<unknown>): Agent {
  return defineAgent({
    name: "slow",
    version: "1.0.0",
    concurrency: 8,
    methods: { work: { input: z.unknown(), run: (_input, ctx) => run(ctx.signal) } },
  });
}

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

test("P1: a call ends at its deadline, says how long that was, and who held it", async ({ mesh: world }) => {
  const [host, { mesh: client }] = [await world.member(), await world.join()];
  const { agent } = slow();
  const { id } = await host.serve(agent);
  const failure = failureOf(client.call("slow.work", 1, { timeout: "2s" }));
  await world.advance(1_990);
  await world.advance(20);
  expect(await failure).toMatchObject({
    code: "deadline_exceeded",
    retryable: false,
    agent: "slow",
    method: "work",
    attempt: 1,
    replica: id,
    message: `slow.work gave no answer within 2000 ms; replica ${id} held it.`,
  });
});

test("P1: a call without time left is not sent", async ({ mesh: world }) => {
  const [host, { mesh: client, transport }] = [await world.member(), await world.join()];
  await host.serve(slow().agent);
  await expect(client.call("slow.work", 1, { timeout: 0 })).rejects.toMatchObject({
    code: "deadline_exceeded",
  });
  expect(transport.framesOf(Kind.request)).toEqual([]);
});

test("P2: what arrives after the end is dropped", async ({ mesh: world }) => {
  const [host, client] = [await world.member(), await world.member()];
  const { agent, gates } = slow();
  await host.serve(agent);
  const failure = failureOf(client.call("slow.work", 1, { timeout: 50 }));
  await world.advance(60);
  gates[0]?.open("late");
  await turns(5);
  expect(await failure).toMatchObject({ code: "deadline_exceeded" });
});

test("P3: a caller that gives up is heard by the replica, and its slot's signal fires", async ({
  mesh: world,
}) => {
  const [host, client] = [await world.member(), await world.member()];
  const { agent, signals } = slow();
  await host.serve(agent);
  const controller = new AbortController();
  const failure = failureOf(client.call("slow.work", 1, { signal: controller.signal }));
  await world.advance(30);
  controller.abort(new Error("changed my mind"));
  await turns(5);
  expect(await failure).toMatchObject({ code: "cancelled", cause: new Error("changed my mind") });
  expect(signals[0]?.aborted).toBe(true);
});

test("P3: one that gives up before it knows the replica is heard as soon as the replica speaks", async ({
  mesh: world,
}) => {
  const [host, client] = [await world.member(), await world.member()];
  const { agent, signals } = slow();
  await host.serve(agent);
  const controller = new AbortController();
  const failure = failureOf(client.call("slow.work", 1, { signal: controller.signal }));
  await turns(3);
  controller.abort();
  await turns(3);
  expect(await failure).toMatchObject({ code: "cancelled" });
  expect(signals[0]?.aborted).toBe(false);
  await world.advance(30);
  expect(signals[0]?.aborted).toBe(true);
});

test("a signal that has fired already sends nothing", async ({ mesh: world }) => {
  const { mesh: client, transport } = await world.join();
  const signal = AbortSignal.abort(new Error("no"));
  await expect(client.call("slow.work", 1, { signal })).rejects.toMatchObject({ code: "cancelled" });
  await expect(client.stream("slow.work", 1, { signal }).collect()).rejects.toMatchObject({
    code: "cancelled",
  });
  expect(transport.published).toEqual([]);
});

test("a call leaves nothing behind: no listener on the signal, nothing on the wheel", async ({
  mesh: world,
}) => {
  const [host, client] = [await world.member(), await world.member({ local: "prefer" })];
  await host.serve(define(async () => 1));
  await client.serve(
    defineAgent({ name: "near", version: "1.0.0", methods: { run: { input: z.unknown(), run: () => 1 } } }),
  );
  const controller = new AbortController();
  const { signal } = controller;
  await client.call("slow.work", 1, { signal });
  await client.stream("slow.work", 1, { signal }).collect();
  await client.call("near.run", 1, { signal });
  await client.call("near.nothing", 1, { signal }).catch(() => {});
  expect(getEventListeners(signal, "abort")).toEqual([]);
  await world.advance(10);
  expect(world.clock.armed).toBe(0);
});

test("C1: a call made while the connection is down is sent when it is back, with the time that is left", async ({
  mesh: world,
}) => {
  const [host, { mesh: client, transport }] = [await world.member(), await world.join()];
  await host.serve(define(async () => "done"));
  transport.become("disconnected");
  const result = client.call("slow.work", 1, { timeout: 1_000 });
  await world.advance(400);
  expect(transport.framesOf(Kind.request)).toEqual([]);
  transport.become("connected");
  expect(await result).toBe("done");
  const [request] = transport.framesOf(Kind.request);
  expect(new Frame(request?.payload ?? new Uint8Array(0)).value).toBe(600);
});

test("C1: or it ends at its deadline, or when its caller gives up, and is never sent", async ({
  mesh: world,
}) => {
  const [host, { mesh: client, transport }] = [await world.member(), await world.join()];
  await host.serve(define(async () => "done"));
  transport.become("disconnected");
  const controller = new AbortController();
  const late = failureOf(client.call("slow.work", 1, { timeout: 100 }));
  const dropped = failureOf(client.call("slow.work", 1, { signal: controller.signal }));
  controller.abort();
  await world.advance(110);
  expect(await late).toMatchObject({ code: "deadline_exceeded" });
  expect(await dropped).toMatchObject({ code: "cancelled" });
  const blocked = failureOf(client.call("slow.work", 1, { timeout: 100 }));
  world.clock.block(200);
  transport.become("connected");
  expect(await blocked).toMatchObject({ code: "deadline_exceeded" });
  expect(transport.framesOf(Kind.request)).toEqual([]);
});

test("C2: when the connection closes, every call ends, those too that were never sent", async ({
  mesh: world,
}) => {
  const [host, { mesh: client, transport }] = [await world.member(), await world.join()];
  await host.serve(slow().agent);
  const calls = [failureOf(client.call("slow.work", 1)), failureOf(client.stream("slow.work", 1).collect())];
  await turns(2);
  transport.become("disconnected");
  calls.push(failureOf(client.call("slow.work", 1)));
  await transport.close();
  for (const call of calls) {
    expect(await call).toMatchObject({
      code: "unavailable",
      retryable: false,
      agent: "slow",
      method: "work",
      message: "the connection to the mesh is closed.",
    });
  }
  await expect(client.call("slow.work", 1)).rejects.toMatchObject({ code: "unavailable" });
  await world.advance(10);
});

test("C3: a client that closes tells the replica that has not spoken yet", async ({ mesh: world }) => {
  const [host, { mesh: client }] = [await world.member(), await world.join()];
  const { agent, signals } = slow();
  await host.serve(agent);
  const failure = failureOf(client.call("slow.work", 1));
  await turns(3);
  const closed = client.close();
  expect(await failure).toMatchObject({ code: "unavailable" });
  await world.settle(closed);
  await turns(3);
  expect(signals[0]?.aborted).toBe(true);
  expect(world.clock.now()).toBeLessThan(1_060);
});

test("C3: a replica that never speaks keeps nobody from closing", async ({ mesh: world }) => {
  const { mesh: client, transport } = await world.join();
  world.outsider().subscribe("mesh.mute.run", () => {});
  const failure = failureOf(client.call("mute.run", 1));
  await turns(3);
  await world.settle(client.close());
  expect(await failure).toMatchObject({ code: "unavailable" });
  expect(world.clock.now()).toBeLessThan(1_120);
  expect(world.clock.armed).toBe(0);
  expect(transport.listenerCount).toBe(0);
});

test("C3: a client that closes ends its calls and tells the replicas that hold them", async ({
  mesh: world,
}) => {
  const [host, { mesh: client, transport }] = [await world.member(), await world.join()];
  const { agent, signals } = slow();
  await host.serve(agent);
  const failure = failureOf(client.call("slow.work", 1));
  await world.advance(30);
  await client.close();
  expect(await failure).toMatchObject({ code: "unavailable" });
  await turns(3);
  expect(signals[0]?.aborted).toBe(true);
  expect(transport.listenerCount).toBe(0);
});

test("a publish that throws rejects its call and leaves nothing behind", async ({ mesh: world }) => {
  const { mesh: client, transport } = await world.join();
  transport.onPublish = () => {
    throw new Error("no room");
  };
  await expect(client.call("slow.work", 1)).rejects.toMatchObject({
    code: "internal",
    message: "no room",
    agent: "slow",
  });
  await world.advance(10);
  expect(world.clock.armed).toBe(0);
});

test("a cancel that cannot be sent is no exception in the caller's abort", async ({ mesh: world }) => {
  const [host, { mesh: client, transport }] = [await world.member(), await world.join()];
  await host.serve(slow().agent);
  const controller = new AbortController();
  const failure = failureOf(client.call("slow.work", 1, { signal: controller.signal }));
  await world.advance(30);
  transport.onPublish = () => {
    throw new Error("no room");
  };
  controller.abort();
  expect(await failure).toMatchObject({ code: "cancelled" });
  await turns(3);
});
