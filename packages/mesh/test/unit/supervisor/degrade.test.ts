import { expect } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import { defineContract } from "../../../src/contract/contract.ts";
import type { Served } from "../../../src/contract/caller.ts";
import { MeshError } from "../../../src/errors.ts";
import { defineSupervisor } from "../../../src/supervisor/supervisor.ts";
import type { Rung } from "../../../src/supervisor/options.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";
import { test } from "../../../src/testing/vitest.ts";
import { ScriptedAgent, fails, hangs, neverBegins } from "../../support/scripted-agent.ts";

const broken = fails(new MeshError("internal", "broken"));

async function degrading(degrade: Rung[]) {
  const world = new InProcessMesh();
  const gpt = new ScriptedAgent("gpt");
  const cheap = new ScriptedAgent("cheap");
  for (const { agent } of [gpt, cheap]) await (await world.member()).serve(agent);
  const assistant = defineSupervisor({
    name: "assistant",
    targets: [gpt.only("ask", "tell")],
    retry: false,
    breaker: false,
    degrade,
    clock: world.clock,
  });
  await (await world.member()).serve(assistant);
  const { mesh: client, transport } = await world.join();
  const served: Served[] = [];
  const ask = (input = "hi", more = {}): Promise<unknown> =>
    world.settle(
      client.call("assistant.ask", input, { timeout: "4s", onServed: (by) => served.push(by), ...more }),
    );
  return { world, gpt, cheap, client, transport, served, ask };
}

test("the last answer to the same input is given, with its age, and marked", async () => {
  const { world, gpt, served, ask } = await degrading([{ cache: { staleFor: "10m" } }]);
  expect(await ask("a")).toBe("gpt: a");
  expect(served[0]?.degraded).toBeUndefined();
  await world.advance(1_000);
  gpt.script = broken;
  expect(await ask("a")).toBe("gpt: a");
  expect(served[1]?.degraded).toMatchObject({
    by: "cache",
    reason: expect.stringContaining("broken") as string,
  });
  expect(served[1]?.degraded?.ageMs).toBeGreaterThanOrEqual(1_000);
  await expect(ask("b")).rejects.toMatchObject({ code: "internal" });
});

test("an answer that is too old is none", async () => {
  const { world, gpt, ask } = await degrading([{ cache: { staleFor: 500 } }]);
  await ask("a");
  await world.advance(600);
  gpt.script = broken;
  await expect(ask("a")).rejects.toMatchObject({ code: "internal" });
});

test("rungs are tried in order: a cheaper agent, then the same answer for all", async () => {
  const { gpt, cheap, served, ask } = await degrading([
    { cache: { staleFor: "1m" } },
    { agent: "cheap" },
    { answer: "sorry" },
  ]);
  gpt.script = broken;
  expect(await ask()).toBe("cheap: hi");
  expect(served[0]).toMatchObject({ agent: "cheap", degraded: { by: "cheap" } });
  cheap.script = broken;
  expect(await ask()).toBe("sorry");
  expect(served[1]?.degraded).toMatchObject({ by: "answer" });
});

test("time is left for the next best answer when the target uses up its own", async () => {
  const { gpt, ask } = await degrading([{ agent: "cheap" }]);
  gpt.script = hangs;
  expect(await ask("hi", { timeout: 200 })).toBe("cheap: hi");
  const { gpt: other, ask: again } = await degrading([{ answer: "sorry" }]);
  other.script = hangs;
  expect(await again("hi", { timeout: 200 })).toBe("sorry");
});

test("a degraded answer is never kept as a real one", async () => {
  const { world, gpt, client } = await degrading([{ answer: "sorry" }]);
  const outer = defineSupervisor({
    name: "outer",
    targets: [{ agent: "assistant" }],
    contract: gpt.agent.contract,
    degrade: [{ cache: { staleFor: "1h" } }],
    clock: world.clock,
  } as never);
  await (await world.member()).serve(outer);
  gpt.script = broken;
  const served: Served[] = [];
  const ask = (): Promise<unknown> =>
    world.settle(client.call("outer.ask", "hi", { onServed: (by) => served.push(by) }));
  expect(await ask()).toBe("sorry");
  expect(served[0]?.degraded?.by).toBe("answer");
  gpt.script = () => "well";
  expect(await ask()).toBe("well");
});

test("K1: a degraded answer is nobody's who wants none, also by a key that was used before", async () => {
  const { world, gpt, ask, client } = await degrading([{ answer: "sorry" }]);
  gpt.script = broken;
  expect(await ask("hi", { idempotencyKey: "k" })).toBe("sorry");
  await expect(ask("hi", { idempotencyKey: "k", degraded: "never" })).rejects.toThrow("broken");
  gpt.script = () => "well";
  expect(await ask("hi", { idempotencyKey: "k" })).toBe("well");
  gpt.script = async () => {
    await new Promise<void>((resolve) => world.clock.after(100, resolve));
    throw new MeshError("internal", "broken");
  };
  gpt.runs.length = 0;
  const first = client.call("assistant.ask", "hi", { idempotencyKey: "j" });
  await world.advance(30);
  const second = client.call("assistant.ask", "hi", { idempotencyKey: "j", degraded: "never" });
  await expect(world.settle(second)).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("degraded answer alone: assistant.ask failed") as string,
  });
  expect(await first).toBe("sorry");
  expect(gpt.runs).toHaveLength(1);
});

test("the real answer of a later target is better than the next best of an earlier one", async () => {
  const { world, gpt, client } = await degrading([{ answer: "sorry" }]);
  gpt.script = broken;
  const ask = (fallback: string[]): Promise<unknown> =>
    world.settle(client.call("assistant.ask", "hi", { fallback, idempotent: true }));
  expect(await ask(["cheap"])).toBe("cheap: hi");
  expect(await ask([])).toBe("sorry");
});

test("an answer that cannot be kept is given all the same", async ({ mesh: world }) => {
  const member = await world.member({ local: "prefer" });
  const value = { run: () => 1 };
  const odd = defineAgent({
    name: "odd",
    version: "1.0.0",
    methods: { get: { input: z.any(), output: z.any(), idempotent: true, run: () => value } },
  });
  const degrade = [{ cache: { staleFor: "1m" as const } }];
  await member.serve(odd);
  await member.serve(defineSupervisor({ name: "s", targets: [odd], degrade, clock: world.clock }));
  for (const input of ["x", value]) expect(await world.settle(member.call("s.get", input))).toEqual(value);
});

test("whoever wants no degraded answer gets the error, through all levels", async () => {
  const { world, gpt, ask, client, transport } = await degrading([{ answer: "sorry" }]);
  gpt.script = broken;
  await expect(ask("hi", { degraded: "never" })).rejects.toMatchObject({ code: "internal" });
  const middle = new ScriptedAgent(
    "middle",
    async (input, ctx) => (await ctx.call("assistant.ask", input)) as string,
  );
  await (await world.member()).serve(middle.agent);
  expect(await world.settle(client.call("middle.ask", "hi"))).toBe("sorry");
  await expect(world.settle(client.call("middle.ask", "hi", { degraded: "never" }))).rejects.toThrow(
    "broken",
  );
  const replies: unknown[] = [];
  const inbox = transport.newInbox();
  transport.subscribe(inbox, (message) =>
    replies.push([Buffer.from(message.payload).toString(), message.header("Shoal-Degraded")]),
  );
  transport.publish("mesh.assistant.ask", Buffer.from("hi"), { reply: inbox });
  transport.publish("mesh.assistant.ask", Buffer.from("hi"), {
    reply: inbox,
    headers: { "Shoal-Degraded": "never" },
  });
  await world.advance(50);
  expect(replies).toHaveLength(2);
  expect(replies).toContainEqual([
    "sorry",
    expect.stringMatching(/^by=answer; reason=assistant\.ask failed/),
  ]);
  expect(replies).toContainEqual([expect.stringContaining('"error":"internal"'), undefined]);
});

test("a stream that never began is degraded too; one that has is not", async () => {
  const { world, gpt, client } = await degrading([{ cache: { staleFor: "1m" } }, { answer: "sorry" }]);
  const collect = (input: string): Promise<unknown> =>
    world.settle(client.stream("assistant.tell", input).collect());
  gpt.stream = async function* () {
    yield "a";
    yield "b";
  };
  expect(await collect("x")).toEqual(["a", "b"]);
  gpt.stream = neverBegins(new Error("broken"));
  expect(await collect("x")).toEqual(["a", "b"]);
  expect(await collect("y")).toEqual(["sorry"]);
  gpt.stream = async function* () {
    yield "a";
    throw new Error("broken");
  };
  await expect(collect("z")).rejects.toThrow("broke off after 1 chunks");
});

test("an answer that a target had from its own cache is as old as it is there", async () => {
  const world = new InProcessMesh();
  let isBroken = false;
  const run = (input: string): string => {
    if (isBroken) throw new MeshError("internal", "broken");
    return `gpt: ${input}`;
  };
  const gpt = defineAgent({
    name: "gpt",
    version: "1.0.0",
    methods: { ask: { input: z.string(), output: z.string(), cache: { ttl: 2_000, jitter: 0 }, run } },
  });
  const degrade = [{ cache: { staleFor: 3_000 } }];
  const options = { targets: [gpt], retry: false, breaker: false, degrade, clock: world.clock } as const;
  const assistant = defineSupervisor({ name: "assistant", ...options });
  expect(assistant.contract.methods.ask.cache).toBeUndefined();
  await (await world.member()).serve(gpt);
  await (await world.member()).serve(assistant);
  const client = await world.member();
  const served: Served[] = [];
  const ask = (): Promise<unknown> =>
    world.settle(client.call("assistant.ask", "hi", { onServed: (by) => served.push(by) }));
  await world.settle(client.call("gpt.ask", "hi"));
  await world.advance(1_500);
  expect(await ask()).toBe("gpt: hi");
  expect(served[0]?.metadata.cache).toMatchObject({ result: "hit" });
  isBroken = true;
  await world.advance(1_000);
  expect(await ask()).toBe("gpt: hi");
  expect(served[1]?.degraded?.ageMs).toBeGreaterThanOrEqual(2_500);
  await world.advance(1_000);
  await expect(ask()).rejects.toMatchObject({ code: "internal" });
});

test("what a supervisor's replicas keep together is the next best answer in each of them", async () => {
  const world = new InProcessMesh();
  const gpt = new ScriptedAgent("gpt");
  await (await world.member()).serve(gpt.agent);
  const { ask } = gpt.agent.contract.methods;
  const contract = defineContract({
    name: "gpt",
    version: "1.0.0",
    methods: { ask: { ...ask, cache: { ttl: 1_000, jitter: 0, shared: true } } },
  });
  const degrade = [{ cache: { staleFor: "10m" as const } }];
  const options = { targets: ["gpt"], contract, retry: false, breaker: false, degrade } as const;
  const assistant = defineSupervisor({ name: "assistant", ...options, clock: world.clock });
  const [first, second] = [await world.member({ lanes: false }), await world.member({ lanes: false })];
  await first.serve(assistant);
  const client = await world.member();
  const served: Served[] = [];
  const call = (): Promise<unknown> =>
    world.settle(client.call("assistant.ask", "hi", { onServed: (by) => served.push(by) }));
  expect(await call()).toBe("gpt: hi");
  await second.serve(assistant);
  await first.close();
  expect(await call()).toBe("gpt: hi");
  expect(gpt.runs).toHaveLength(1);
  gpt.script = broken;
  await world.advance(5_000);
  expect(await call()).toBe("gpt: hi");
  expect(served[2]?.degraded).toMatchObject({ by: "cache" });
  expect(served[2]?.degraded?.ageMs).toBeGreaterThanOrEqual(5_000);
});
