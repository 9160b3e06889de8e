import { expect, test } from "vitest";
import type { Served } from "../../../src/contract/caller.ts";
import { MeshError } from "../../../src/errors.ts";
import { InProcessMesh } from "../../support/in-process-mesh.ts";
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
  expect(await world.settle(handle.ask("hi", { fallback: [llama.agent], onServed }))).toBe("llama: hi");
  expect(await world.settle(client.call("gpt.ask", "hi", { fallback: ["gone", "llama"] }))).toBe("llama: hi");
  expect(await world.settle(client.call("gpt.ask", "hi", { fallback: ["llama.pay"] }))).toBe("llama: hi");
  expect(llama.runs.map(({ method }) => method)).toEqual(["ask", "ask", "pay"]);
  expect(served[0]).toMatchObject({ agent: "llama", metadata: { servedBy: { instead: "gpt" } } });
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
      (await ctx.call("gpt.ask", input, { retry: { attempts: 3, backoff: 1 } })) as string,
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
  expect(await world.settle(client.stream("gpt.tell", "x", { fallback: ["llama"] }).collect())).toEqual([
    "a",
  ]);
});
