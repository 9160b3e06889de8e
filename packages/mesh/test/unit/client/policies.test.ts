import { expect } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import type { Served } from "../../../src/contract/caller.ts";
import { MeshError } from "../../../src/errors.ts";
import { defineSupervisor } from "../../../src/supervisor/supervisor.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";
import { test } from "../../../src/testing/vitest.ts";
import { ScriptedAgent, fails, hangs, neverBegins } from "../../support/scripted-agent.ts";

const busy = fails(new MeshError("overloaded", "busy", { retryAfterS: 0.01 }));

async function agents() {
  const world = new InProcessMesh();
  const gpt = new ScriptedAgent("gpt");
  const llama = new ScriptedAgent("llama");
  for (const { agent } of [gpt, gpt, llama]) await (await world.member()).serve(agent);
  const client = await world.member();
  return { world, gpt, llama, client, handle: client.agent(gpt.agent) };
}

test("a call with `retry` is tried again, at another replica, under one key", async () => {
  const { world, gpt, handle } = await agents();
  gpt.script = (input, ctx) => (gpt.runs.length < 2 ? busy() : `${input} ${ctx.request.attempt}`);
  expect(await world.settle(handle.ask("hi", { retry: { attempts: 3, backoff: 5 } }))).toBe("hi 1");
  const [first, second] = gpt.runs.map(({ request }) => request);
  expect(first?.replica).not.toBe(second?.replica);
  expect(first?.idempotencyKey).toBe(second?.idempotencyKey);
});

test("a call with `fallback` goes to the next agent, by contract or by name, and says so", async () => {
  const { world, gpt, llama, client, handle } = await agents();
  gpt.script = busy;
  const served: Served[] = [];
  const onServed = (by: Served): unknown => served.push(by);
  // A name says nothing of that.
  const idempotent = true;
  expect(await world.settle(handle.ask("hi", { fallback: [llama.agent], onServed }))).toBe("llama: hi");
  expect(await world.settle(client.call("gpt.ask", "hi", { fallback: ["gone", "llama"], idempotent }))).toBe(
    "llama: hi",
  );
  expect(await world.settle(client.call("gpt.ask", "hi", { fallback: ["llama.pay"], idempotent }))).toBe(
    "llama: hi",
  );
  expect(llama.runs.map(({ method }) => method)).toEqual(["ask", "ask", "pay"]);
  expect(served[0]).toMatchObject({ agent: "llama", metadata: { servedBy: { instead: "gpt" } } });
  await expect(world.settle(client.call("gpt.ask", "hi", { fallback: ["llama"] }))).rejects.toMatchObject({
    code: "overloaded",
    message: expect.stringContaining("idempotent") as string,
  });
});

test("a call with `hedge` takes the first answer, and the other is cancelled", async () => {
  const { world, gpt, handle } = await agents();
  gpt.script = (input, ctx) => (gpt.runs.length === 1 ? hangs(input, ctx) : "fast");
  expect(await world.settle(handle.ask("hi", { hedge: { after: 40 } }))).toBe("fast");
  await world.advance(10);
  expect(gpt.runs[0]?.signal.aborted).toBe(true);
  const refused = world.settle(handle.pay("hi", { hedge: true }));
  await expect(refused).rejects.toMatchObject({
    code: "bad_request",
    message: expect.stringContaining("not idempotent") as string,
  });
  await expect(world.settle(handle.ask("hi", { retry: -1 }))).rejects.toMatchObject({ code: "bad_request" });
});

test("an attempt has its own time, and the whole call ends at its deadline", async () => {
  const { world, gpt, llama, handle } = await agents();
  gpt.script = hangs;
  expect(await world.settle(handle.ask("hi", { fallback: ["llama"], attemptTimeout: 50 }))).toBe("llama: hi");
  llama.script = hangs;
  const before = world.clock.now();
  const failing = handle.ask("hi", { fallback: ["llama"], retry: 9, timeout: 500 });
  await expect(world.settle(failing)).rejects.toMatchObject({
    details: { attempts: expect.any(Array) as unknown[] },
  });
  expect(world.clock.now() - before).toBeLessThan(550);
});

test("a caller that gives up ends all attempts, and no further one is made", async () => {
  const { world, gpt, llama, handle } = await agents();
  gpt.script = hangs;
  const giveUp = new AbortController();
  const failing = handle.ask("hi", { fallback: ["llama"], retry: 3, signal: giveUp.signal });
  await world.advance(50);
  giveUp.abort();
  await expect(world.settle(failing)).rejects.toMatchObject({ code: "cancelled" });
  await world.advance(50);
  expect(gpt.runs.every(({ signal }) => signal.aborted)).toBe(true);
  expect([gpt.runs.length, llama.runs.length]).toEqual([1, 0]);
});

test("a handler's calls have policies too, and heed what its caller allows", async () => {
  const { world, gpt, client } = await agents();
  gpt.script = busy;
  const middle = new ScriptedAgent(
    "middle",
    async (input, ctx) =>
      (await ctx.call("gpt.ask", input, { retry: { attempts: 3, backoff: 1 }, idempotent: true })) as string,
  );
  await (await world.member()).serve(middle.agent);
  const failing = (more: object): Promise<unknown> =>
    world.settle(client.call("middle.ask", "hi", more).catch(() => {}));
  await failing({});
  expect(gpt.runs).toHaveLength(3);
  gpt.runs.length = 0;
  await failing({ retry: { attempts: 2, backoff: 1 } });
  expect(gpt.runs).toHaveLength(2);
});

test("a stream by name and by contract fails over before its first chunk", async () => {
  const { world, gpt, llama, client, handle } = await agents();
  gpt.stream = neverBegins(new Error("broken"));
  llama.stream = async function* () {
    yield "a";
  };
  expect(await world.settle(handle.tell("x", { fallback: ["llama"] }).collect())).toEqual(["a"]);
  expect(
    await world.settle(client.stream("gpt.tell", "x", { fallback: ["llama"], idempotent: true }).collect()),
  ).toEqual(["a"]);
});

test("Y1: a fallback whose contract says that it may not be done twice is done once, and never hedged", async () => {
  const { world, llama, handle } = await agents();
  const { contract } = llama.agent;
  const { ask } = contract.methods;
  const once = { ...contract, methods: { ...contract.methods, ask: { ...ask, idempotent: false } } };
  llama.script = hangs;
  const idle = await world.member();
  const gone = idle.agent({ ...once, name: "gone", methods: { ...once.methods, ask } });
  const options = { fallback: [once], attemptTimeout: 100, timeout: "2s" } as const;
  const failing = gone.ask("x", { ...options, retry: { attempts: 3, backoff: 1 } });
  await expect(world.settle(failing)).rejects.toMatchObject({ code: "timeout" });
  expect(llama.runs).toHaveLength(1);
  const hedging = (more = {}): Promise<unknown> =>
    world.settle(handle.ask("x", { ...options, hedge: { after: 40 }, ...more }));
  await expect(hedging()).rejects.toMatchObject({ code: "bad_request" });
  expect(await hedging({ idempotent: true })).toBe("gpt: x");
});

test("typed text reaches the fallback as it was typed", async ({ mesh: world }) => {
  const seen: unknown[] = [];
  const run = (input: unknown): string => `${seen.push(input)}`;
  const input = z.object({ prompt: z.string() });
  const agent = (name: string) =>
    defineAgent({ name, version: "1.0.0", methods: { prompt: { input, output: z.string(), run } } });
  const [a, b] = [agent("a"), agent("b")];
  for (const each of [a, b, defineSupervisor({ name: "s", targets: [a, b], clock: world.clock })])
    await (await world.member()).serve(each);
  const { mesh: client, transport } = await world.join();
  transport.publish("mesh.s", Buffer.from("plain"));
  transport.publish("mesh.s.prompt", Buffer.from('{"prompt":"json"}'));
  await world.advance(50);
  await world.settle(client.call("gone.prompt", "typed", { typed: true, fallback: ["b"] }));
  await world.settle(client.call("s", "typed too", { typed: true }));
  expect(seen).toEqual(["plain", "json", "typed", "typed too"].map((prompt) => ({ prompt })));
});

test.each([{}, { fallback: ["llama"] }])(
  "S3: leaving while a chunk is due cancels the producer: %j",
  async (more) => {
    const { world, gpt, handle } = await agents();
    gpt.stream = async function* (_input, { signal }) {
      await new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("stop")));
      });
      yield "";
    };
    const reader = handle.tell("x", { timeout: "60s", ...more })[Symbol.asyncIterator]();
    const due = reader.next();
    await world.advance(60);
    await world.settle(reader.return?.() ?? due);
    await world.advance(20);
    expect(gpt.runs[0]?.signal.aborted).toBe(true);
    expect(await due).toEqual({ done: true, value: undefined });
  },
);

test("Y4: what an agent in the same process cannot do is asked of another replica", async () => {
  const { world, gpt } = await agents();
  const member = await world.member({ local: "prefer" });
  await member.serve(gpt.agent);
  const handle = member.agent(gpt.agent);
  gpt.script = busy;
  const error = world.settle(handle.ask("x", { retry: { attempts: 2, backoff: 1 } }));
  await expect(error).rejects.toMatchObject({ details: { attempts: [{ replica: `${member.node}-1` }, {}] } });
  expect(new Set(gpt.runs.map(({ request }) => request.replica)).size).toBe(2);
  gpt.runs.length = 0;
  gpt.script = (input, ctx) => (gpt.runs.length === 1 ? hangs(input, ctx) : "fast");
  expect(await world.settle(handle.ask("x", { hedge: { after: 40 } }))).toBe("fast");
  expect(gpt.runs[0]?.request.replica).toBe(`${member.node}-1`);
  expect(gpt.runs[1]?.request.replica).not.toBe(`${member.node}-1`);
});
