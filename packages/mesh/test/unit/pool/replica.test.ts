import { expect } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import { Kind, encodeFrame } from "../../../src/protocol/frame.ts";
import { MemoryBroker } from "../../../src/transport/memory.ts";
import { Gate, turns } from "../../support/actor-fixture.ts";
import { test } from "../../../src/testing/vitest.ts";
import { TappedTransport } from "../../../src/testing/tapped-transport.ts";
import { connect } from "../../../src/mesh.ts";

function gated(name = "gated", options: { onStop?: () => unknown; concurrency?: number } = {}) {
  const gates: Gate[] = [];
  const agent = defineAgent({
    name,
    version: "1.2.3",
    ...options,
    methods: {
      work: {
        input: z.unknown(),
        run: () => {
          const gate = new Gate();
          gates.push(gate);
          return gate.promise;
        },
      },
    },
  });
  return { agent, gates };
}

const settled = async (promises: readonly Promise<unknown>[]): Promise<unknown[]> =>
  (await Promise.allSettled(promises)).map((each) =>
    each.status === "fulfilled" ? each.value : (each.reason as { code: string }).code,
  );

test("R1: requests come while it serves, and never after it has begun to leave", async ({ mesh: world }) => {
  const [host, client] = [await world.member(), await world.member()];
  const { agent, gates } = gated();
  const hosting = await host.serve(agent);
  const running = client.call("gated.work");
  await turns(3);
  const stopped = hosting.stop();
  await turns(3);
  await expect(client.call("gated.work", 1, { timeout: 5 })).rejects.toMatchObject({ code: "unavailable" });
  gates[0]?.open("done");
  expect(await running).toBe("done");
  await stopped;
});

test("R2: a drain loses nothing: what waits and what runs is finished", async ({ mesh: world }) => {
  const [host, client] = [await world.member(), await world.member()];
  const { agent, gates } = gated();
  const hosting = await host.serve(agent);
  const calls = Array.from({ length: 5 }, (_, i) => client.call("gated.work", i));
  await turns(3);
  expect(hosting.load).toEqual({ running: 1, waiting: 4, slots: 1 });
  let isStopped = false;
  const stopped = hosting.stop().then(() => (isStopped = true));
  for (let i = 0; i < 5; i++) {
    await turns(3);
    expect(isStopped).toBe(false);
    gates[i]?.open(`result ${i}`);
  }
  await stopped;
  expect(await settled(calls)).toEqual([0, 1, 2, 3, 4].map((i) => `result ${i}`));
});

test("R2: what is not done when the drain's time is up is told so, as retryable", async ({ mesh: world }) => {
  const [host, client] = [await world.member(), await world.member()];
  const { agent } = gated();
  const hosting = await host.serve(agent);
  const calls = [client.call("gated.work"), client.call("gated.work")];
  await turns(3);
  const stopped = hosting.stop({ timeout: "2s" });
  const outcomes = Promise.allSettled(calls);
  await world.advance(2_010);
  await stopped;
  expect(await world.settle(outcomes)).toMatchObject([
    { reason: { code: "replica_lost", retryable: true } },
    { reason: { code: "unavailable", retryable: true } },
  ]);
});

test("R2: a bad drain timeout is refused before anything is stopped", async ({ mesh: world }) => {
  const [host, client] = [await world.member(), await world.member()];
  const { agent, gates } = gated();
  const hosting = await host.serve(agent);
  await expect(hosting.stop({ timeout: "soon" as "1s" })).rejects.toMatchObject({ code: "bad_request" });
  const call = client.call("gated.work");
  await turns(3);
  gates[0]?.open(1);
  expect(await call).toBe(1);
});

test("R2: an onStop that never returns does not keep the mesh from closing", async ({ mesh: world }) => {
  const host = await world.member();
  await host.serve(gated("stubborn", { onStop: () => new Promise(() => {}) }).agent);
  await world.settle(host.drain({ timeout: 100 }));
  expect(world.log.lines.map(({ message }) => message)).toContain(
    "onStop has not finished: it is left to itself",
  );
});

test("R2: with the connection gone, a drain still finishes what runs here", async ({ mesh: world }) => {
  const { mesh: host, transport } = await world.join();
  const client = await world.member();
  const { agent, gates } = gated();
  await host.serve(agent);
  void client.call("gated.work").catch(() => {});
  await turns(3);
  transport.become("disconnected");
  transport.flushes = () => new Promise(() => {});
  const drained = host.drain();
  await turns(3);
  gates[0]?.open(1);
  await drained;
});

test("R3: a frame that cannot be read gets an error that says why", async ({ mesh: world }) => {
  const [host, { transport }] = [await world.member(), await world.join()];
  await host.serve(gated().agent);
  const replies: Uint8Array[] = [];
  transport.subscribe("answers.*", ({ payload }) => void replies.push(payload));
  const good = encodeFrame({ kind: Kind.request, call: 77, value: 1_000, caller: new Uint8Array(12) });
  const wrongVersion = Buffer.from(good);
  wrongVersion[1] = 9;
  const faults = [wrongVersion, good.subarray(0, 20), Uint8Array.of(0xc1)];
  for (const [i, bytes] of faults.entries())
    transport.publish("mesh.gated.work", bytes, { reply: `answers.${i}` });
  await turns(3);
  expect(replies).toHaveLength(3);
  expect(Buffer.from(replies[0] ?? []).readUInt32BE(4)).toBe(77);
  for (const reply of replies) expect(Buffer.from(reply).toString("latin1")).toContain("malformed frame");
});

test("R4: a start that fails leaves nothing behind: no subscription, and onStop has run", async () => {
  const broker = new MemoryBroker();
  const transport = new TappedTransport(broker);
  const mesh = await connect({ transport });
  let stops = 0;
  transport.flushes = () => Promise.reject(new Error("the server went away"));
  const failure = mesh.serve(gated("halfway", { onStop: () => stops++ }).agent);
  await expect(failure).rejects.toMatchObject({ code: "internal", message: "the server went away" });
  expect(stops).toBe(1);
  const probe = broker.connect();
  const answers: boolean[] = [];
  probe.subscribe("answers", ({ noResponders }) => void answers.push(noResponders));
  for (const subject of ["mesh.halfway", "mesh.halfway.work", "$SRV.PING", "$SRV.PING.halfway"]) {
    probe.publish(subject, new Uint8Array(0), { reply: "answers" });
  }
  await turns(3);
  expect(answers).toEqual([true, true, true, true]);
});

test("a mesh that closes waits for a drain that somebody else began", async ({ mesh: world }) => {
  const [host, client] = [await world.member(), await world.member()];
  const { agent, gates } = gated();
  const second = gated("second");
  const hosting = await host.serve(agent);
  await host.serve(second.agent);
  const calls = [client.call("gated.work"), client.call("second.work")];
  await turns(3);
  void hosting.stop();
  void host.drain();
  let isClosed = false;
  const closed = host.close().then(() => (isClosed = true));
  await turns(10);
  expect(isClosed).toBe(false);
  gates[0]?.open(1);
  second.gates[0]?.open(2);
  expect(await Promise.all(calls)).toEqual([1, 2]);
  await closed;
});

test("an agent whose onStart ends after the mesh has begun to close is not served", async ({
  mesh: world,
}) => {
  const host = await world.member();
  const gate = new Gate();
  const seen: string[] = [];
  const serving = host.serve(
    defineAgent({
      name: "late",
      version: "1.0.0",
      onStart: () => gate.promise,
      onStop: () => seen.push("stopped"),
      methods: { run: { input: z.unknown(), run: () => 1 } },
    }),
  );
  const failure = serving.catch((error: unknown) => error);
  await turns(2);
  await host.close();
  gate.open(1);
  expect(await failure).toMatchObject({ code: "unavailable" });
  expect(seen).toEqual(["stopped"]);
  await expect(host.serve(gated().agent)).rejects.toMatchObject({
    code: "unavailable",
    message: '"gated" is not served: this mesh is closing.',
  });
});

test("an accepted notice that cannot be sent ends neither the request nor the process", async ({
  mesh: world,
}) => {
  const { mesh: host, transport } = await world.join();
  const client = await world.member();
  const { agent, gates } = gated();
  await host.serve(agent);
  const call = client.call("gated.work");
  await turns(3);
  transport.onPublish = () => {
    throw new Error("no room");
  };
  await world.advance(30);
  transport.onPublish = () => true;
  gates[0]?.open("done");
  expect(await call).toBe("done");
});

test("a late cancel of an earlier call on the same reply subject does no harm", async ({ mesh: world }) => {
  const [host, { mesh: client, transport }] = [await world.member(), await world.join()];
  const { agent, gates } = gated();
  const { id } = await host.serve(agent);
  const call = client.call("gated.work");
  await world.advance(30);
  const { reply } = transport.framesOf(Kind.request)[0] ?? { reply: "" };
  transport.publish(`mesh._.at.${id}`, encodeFrame({ kind: Kind.cancel, call: 999 }), { reply });
  await turns(3);
  gates[0]?.open("done");
  expect(await call).toBe("done");
});

test("started and stopped are announced", async ({ mesh: world }) => {
  const [host, { transport }] = [await world.member({ node: "n" }), await world.join()];
  const events: unknown[] = [];
  transport.subscribe(
    "mesh._.event.*.*",
    ({ subject, payload }) => void events.push([subject, JSON.parse(Buffer.from(payload).toString())]),
  );
  const { id } = await host.serve(gated().agent);
  await host.close();
  await turns(3);
  const fields = { agent: "gated", version: "1.2.3", replica: id };
  expect(events).toEqual([
    ["mesh._.event.started.gated", { kind: "started", ...fields }],
    ["mesh._.event.stopped.gated", { kind: "stopped", ...fields }],
  ]);
});
