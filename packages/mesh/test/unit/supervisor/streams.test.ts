import { expect, test } from "vitest";
import { MeshError } from "../../../src/errors.ts";
import { defineSupervisor } from "../../../src/supervisor/supervisor.ts";
import type { SupervisorOptions } from "../../../src/supervisor/options.ts";
import { InProcessMesh } from "../../support/in-process-mesh.ts";
import { ScriptedAgent, neverBegins } from "../../support/scripted-agent.ts";

const broken = new MeshError("internal", "broken");

async function streams(options: Partial<SupervisorOptions> = {}) {
  const world = new InProcessMesh();
  const gpt = new ScriptedAgent("gpt");
  const llama = new ScriptedAgent("llama");
  for (const { agent } of [gpt, llama]) await (await world.member()).serve(agent);
  const assistant = defineSupervisor({
    name: "assistant",
    targets: [gpt.only("tell", "recite"), llama.only("tell", "recite")],
    retry: { attempts: 2, backoff: 5, jitter: "none" },
    clock: world.clock,
    ...options,
  });
  await (await world.member()).serve(assistant);
  const client = await world.member();
  const collect = async (
    method: "tell" | "recite",
    more = {},
  ): Promise<{ chunks: unknown[]; error?: MeshError }> => {
    const chunks: unknown[] = [];
    const reading = (async () => {
      try {
        for await (const chunk of client.stream(`assistant.${method}`, "x", { timeout: "4s", ...more }))
          chunks.push(chunk);
        return { chunks };
      } catch (error) {
        return { chunks, error: error as MeshError };
      }
    })();
    return world.settle(reading);
  };
  return { world, gpt, llama, client, collect };
}

async function* letters(from = 0, to = 5): AsyncGenerator<string> {
  for (let i = from; i < to; i++) yield "abcde"[i] as string;
}

test("a stream passes through, chunk by chunk", async () => {
  const { gpt, collect } = await streams();
  gpt.stream = () => letters();
  const served: unknown[] = [];
  expect(await collect("tell", { onServed: (by: { agent: string }) => served.push(by.agent) })).toEqual({
    chunks: ["a", "b", "c", "d", "e"],
  });
  expect(served).toEqual(["gpt"]);
});

test("before its first chunk a stream fails over freely", async () => {
  const { gpt, llama, collect } = await streams();
  gpt.stream = neverBegins(broken);
  llama.stream = () => letters();
  expect((await collect("tell")).chunks).toEqual(["a", "b", "c", "d", "e"]);
});

test("a first chunk that does not come in time is a failure, and the handler that owes it stops", async () => {
  const { gpt, llama, collect, world } = await streams({ timeout: 50, retry: false });
  let hasStopped = false;
  gpt.stream = async function* (_input, { signal }) {
    try {
      await new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(new Error("stop"))),
      );
      yield "";
    } finally {
      hasStopped = true;
    }
  };
  llama.stream = () => letters();
  expect((await collect("tell")).chunks).toHaveLength(5);
  await world.advance(5);
  expect(hasStopped).toBe(true);
});

test("after its first chunk a stream that cannot be taken up fails, and says what was delivered", async () => {
  const { gpt, llama, collect } = await streams();
  gpt.stream = async function* () {
    yield* letters(0, 3);
    throw broken;
  };
  const { chunks, error } = await collect("tell");
  expect(chunks).toEqual(["a", "b", "c"]);
  expect(error).toMatchObject({
    code: "internal",
    message: expect.stringContaining("broke off after 3 chunks") as string,
    details: { delivered: 3 },
  });
  expect(llama.runs).toHaveLength(0);
});

test("a resumable stream goes on with another target where it broke off, without a gap or a chunk twice", async () => {
  const { gpt, llama, collect } = await streams();
  gpt.stream = async function* (_input, { request }) {
    yield* letters(request.from, 3);
    throw broken;
  };
  llama.stream = (_input, { request }) => letters(request.from);
  expect(await collect("recite")).toEqual({ chunks: ["a", "b", "c", "d", "e"] });
  expect(llama.runs[0]?.request.from).toBe(3);
});

test("leaving a supervised stream early stops the handler", async () => {
  const { gpt, client, world } = await streams();
  let hasStopped = false;
  gpt.stream = async function* (_input, { signal }) {
    try {
      yield "a";
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    } finally {
      hasStopped = true;
    }
  };
  const leaving = (async () => {
    for await (const _chunk of client.stream("assistant.tell", "x")) break;
  })();
  await world.settle(leaving);
  await world.advance(50);
  expect(hasStopped).toBe(true);
});

test("a hedged stream is the one that begins first; the loser's handler stops", async () => {
  const { world, gpt, collect } = await streams({ hedge: { after: 50 } });
  await (await world.member()).serve(gpt.agent);
  let stopped = 0;
  gpt.stream = async function* (_input, { signal }) {
    if (gpt.runs.length > 1) return yield* letters();
    try {
      await new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(new Error("stop"))),
      );
    } finally {
      stopped++;
    }
  };
  expect((await collect("tell")).chunks).toEqual(["a", "b", "c", "d", "e"]);
  await world.advance(10);
  expect(stopped).toBe(1);
  expect(gpt.runs).toHaveLength(2);
});

test("P4: a plain call of a resumable stream is taken up when its replica dies", async () => {
  const world = new InProcessMesh();
  const reciter = new ScriptedAgent("reciter");
  const hosts = [await world.join(), await world.join()];
  for (const { mesh } of hosts) await mesh.serve(reciter.agent);
  reciter.stream = async function* (_input, { request }) {
    if (request.from > 0) return yield* letters(request.from);
    yield* letters(0, 2);
    await new Promise(() => {});
  };
  const client = await world.member();
  const chunks: string[] = [];
  const reading = (async () => {
    for await (const chunk of client.agent(reciter.agent).recite("x")) chunks.push(chunk);
  })();
  await world.advance(60);
  const held = reciter.runs[0]?.request.replica ?? "";
  const host = hosts.find(({ mesh }) => held.startsWith(`${mesh.node}-`));
  if (host) host.transport.onPublish = () => false;
  await host?.transport.close();
  await world.settle(reading);
  expect(chunks).toEqual(["a", "b", "c", "d", "e"]);
  expect(reciter.runs[1]?.request.from).toBe(2);
});
