import { expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import { MeshError } from "../../../src/errors.ts";
import { Kind } from "../../../src/protocol/frame.ts";
import { turns } from "../../support/actor-fixture.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";

async function host(options: { maxPayload?: number } = {}) {
  const world = new InProcessMesh(options);
  const gates: PromiseWithResolvers<string>[] = [];
  const signals: AbortSignal[] = [];
  const run = (_input: unknown, { signal }: { signal: AbortSignal }): Promise<string> => {
    const gate = Promise.withResolvers<string>();
    gates.push(gate);
    signals.push(signal);
    return gate.promise;
  };
  const agent = defineAgent({
    name: "work",
    version: "1.0.0",
    concurrency: 8,
    defaultMethod: "run",
    methods: { run: { input: z.unknown(), run }, other: { input: z.unknown(), run } },
  });
  const { mesh: server, transport } = await world.join();
  await server.serve(agent);
  const [a, b] = [await world.member(), await world.member()];
  const key = { idempotencyKey: "k" };
  return { world, gates, signals, a, b, key, transport };
}

const outcome = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error);

test("K1: one who gives up takes nothing from another who waits for the same work", async () => {
  const { world, gates, signals, a, b, key } = await host();
  const controller = new AbortController();
  const leader = outcome(a.call("work.run", 1, { ...key, signal: controller.signal }));
  await turns(5);
  const follower = b.call("work.run", 1, key);
  await world.advance(50);
  controller.abort();
  expect(await world.settle(leader)).toMatchObject({ code: "cancelled" });
  await world.advance(20);
  expect(signals[0]?.aborted).toBe(false);
  gates[0]?.resolve("kept");
  expect(await world.settle(follower)).toBe("kept");
  expect(gates).toHaveLength(1);
});

test("K1: work that several wait for is cancelled when the last of them has left", async () => {
  const { world, signals, a, b, key } = await host();
  const controllers = [new AbortController(), new AbortController()];
  const calls = [a, b].map((client, i) =>
    outcome(client.call("work.run", 1, { ...key, signal: (controllers[i] as AbortController).signal })),
  );
  await world.advance(50);
  controllers[1]?.abort();
  await world.advance(20);
  expect(signals[0]?.aborted).toBe(false);
  controllers[0]?.abort();
  await world.advance(20);
  expect(signals[0]?.aborted).toBe(true);
  for (const each of calls) expect(await world.settle(each)).toMatchObject({ code: "cancelled" });
});

test("K1: the work has the time of whoever waits longest", async () => {
  const { world, gates, signals, a, b, key } = await host();
  const leader = outcome(a.call("work.run", 1, { ...key, timeout: 100 }));
  await turns(5);
  const controller = new AbortController();
  const follower = b.call("work.run", 1, { ...key, timeout: 1_000 });
  const third = outcome(a.call("work.run", 1, { ...key, timeout: 5_000, signal: controller.signal }));
  await world.advance(300);
  expect(await leader).toMatchObject({ code: "deadline_exceeded" });
  expect(signals[0]?.aborted).toBe(false);
  controller.abort();
  expect(await world.settle(third)).toMatchObject({ code: "cancelled" });
  gates[0]?.resolve("in time");
  expect(await world.settle(follower)).toBe("in time");
});

test("K1: when those with more time have left, the work ends at the deadline of who remains", async () => {
  const { world, signals, a, b, key } = await host();
  const leader = outcome(a.call("work.run", 1, { ...key, timeout: 500 }));
  await turns(5);
  const controller = new AbortController();
  void outcome(b.call("work.run", 1, { ...key, timeout: 5_000, signal: controller.signal }));
  await world.advance(50);
  controller.abort();
  await world.advance(400);
  expect(signals[0]?.aborted).toBe(false);
  await world.advance(100);
  expect(signals[0]?.reason).toMatchObject({ code: "deadline_exceeded" });
  expect(await leader).toMatchObject({ code: "deadline_exceeded" });
});

test("K1: one key on two methods is two pieces of work; a default method is the same under both names", async () => {
  const { world, gates, a, b, key } = await host();
  const calls = [a.call("work.run", 1, key), b.call("work.other", 1, key), a.call("work", 1, key)];
  await turns(5);
  expect(gates).toHaveLength(2);
  gates[0]?.resolve("run");
  gates[1]?.resolve("other");
  expect(await world.settle(Promise.all(calls))).toEqual(["run", "other", "run"]);
  expect(await world.settle(a.call("work.other", 1, key))).toBe("other");
  expect(await world.settle(b.call("work", 1, key))).toBe("run");
});

test("K1: a result in parts reaches everybody, those too who come when it has been given", async () => {
  const { world, gates, a, b, key } = await host({ maxPayload: 10_000 });
  const calls = [a.call("work.run", 1, key), b.call("work.run", 1, key)];
  await world.advance(30);
  gates[0]?.resolve("x".repeat(200_000));
  await turns(1);
  const late = b.call("work.run", 1, key);
  for (const answer of await world.settle(Promise.all([...calls, late])))
    expect(answer).toHaveLength(200_000);
  expect(gates).toHaveLength(1);
});

test("a part that cannot be sent to one caller is that caller's error alone", async () => {
  const { world, gates, a, b, key, transport } = await host({ maxPayload: 10_000 });
  const calls = [a.call("work.run", 1, key), b.call("work.run", 1, key)];
  await world.advance(30);
  const victim = transport.framesOf(Kind.accepted)[1]?.subject;
  transport.onPublish = ({ subject, kind }) => {
    if (subject === victim && kind === Kind.part) throw new MeshError("unavailable", "no room");
    return true;
  };
  gates[0]?.resolve("x".repeat(200_000));
  const [first, second] = await world.settle(Promise.allSettled(calls));
  expect(first).toMatchObject({ status: "fulfilled" });
  expect(second).toMatchObject({ reason: { code: "unavailable", message: "no room" } });
});
