import { expect } from "vitest";
import { MeshError } from "../../../src/errors.ts";
import { defineSupervisor } from "../../../src/supervisor/supervisor.ts";
import { test } from "../../../src/testing/vitest.ts";
import { ScriptedAgent, fails, hangs } from "../../support/scripted-agent.ts";
import { alone, broken, busy, down, outcome, statusOf, supervised } from "../../support/supervised.ts";

test("targets are asked in order, and the answer says who gave it", async () => {
  const { ask, gpt, llama, served } = await supervised();
  expect(await ask()).toBe("gpt: hi");
  expect(served[0]).toMatchObject({ agent: "gpt", replica: gpt.runs[0]?.request.replica });
  expect(served[0]?.metadata.servedBy).not.toHaveProperty("instead");
  gpt.script = fails(broken);
  expect(await ask()).toBe("llama: hi");
  expect(served[1]).toMatchObject({ agent: "llama", replica: llama.runs[0]?.request.replica });
  expect(served[1]?.metadata.servedBy?.instead).toBe("gpt");
});

test("a target that is not there is passed by at once", async ({ mesh: world }) => {
  const llama = new ScriptedAgent("llama");
  await (await world.member()).serve(llama.agent);
  const assistant = defineSupervisor({
    name: "assistant",
    targets: ["gone", llama.only("ask")],
    clock: world.clock,
  });
  await (await world.member()).serve(assistant);
  const client = await world.member();
  const before = world.clock.now();
  expect(await world.settle(client.call("assistant.ask", "hi"))).toBe("llama: hi");
  expect(world.clock.now() - before).toBeLessThan(50);
});

test("a slow target has its share of the time, and no more", async () => {
  const { ask, gpt, llama } = await supervised({ retry: false });
  gpt.script = hangs;
  expect(await ask()).toBe("llama: hi");
  expect(gpt.runs[0]?.signal.aborted).toBe(true);
  expect(llama.runs[0]?.request.remainingMs).toBeGreaterThan(0);
  const { ask: quick, gpt: slow } = await supervised({ retry: false, timeout: 100 });
  slow.script = hangs;
  expect(await quick("hi", { timeout: "1h" })).toBe("llama: hi");
});

test("retries take nothing from the time of those that come after", async () => {
  const { ask, gpt, llama, world } = await supervised({ breaker: false });
  gpt.script = hangs;
  llama.script = async (input) => {
    await new Promise<void>((resolve) => world.clock.after(1_500, resolve));
    return input;
  };
  expect(await ask("hi", { timeout: "4s" })).toBe("hi");
  expect(gpt.runs).toHaveLength(1);
});

test("a circle of supervisors, made by their names, costs no answer that another target has", async () => {
  const { world, client, llama } = await supervised();
  const { contract } = llama.only("ask");
  for (const [name, targets] of [
    ["a", ["b", "llama"]],
    ["b", ["a"]],
  ] as const)
    await (await world.member()).serve(defineSupervisor({ name, targets, contract, clock: world.clock }));
  expect(await world.settle(client.call("a.ask", "hi"))).toBe("llama: hi");
  expect(await world.settle(client.call("b.ask", "hi"))).toBe("llama: hi");
});

test("what an agent says of the request itself is passed on, with what was tried before", async () => {
  const { ask, gpt, llama } = await supervised({ retry: false });
  gpt.script = fails(busy);
  llama.script = fails(new MeshError("conflict", "that name is taken"));
  const error = (await outcome(ask())) as MeshError;
  expect(error).toMatchObject({
    code: "conflict",
    message: expect.stringContaining("that name is taken") as string,
    details: {
      attempts: [
        { target: "gpt", code: "overloaded" },
        { target: "llama", code: "conflict" },
      ],
    },
  });
});

test("over the rate limit a request is told when to come again", async () => {
  const { ask } = await supervised({ rateLimit: { requests: 2, per: "1s" } });
  await ask();
  await ask();
  const error = (await outcome(ask())) as MeshError;
  expect(error.code).toBe("overloaded");
  expect(error.retryAfterS).toBeGreaterThan(0.3);
});

test("the bulkhead bounds what runs and what waits", async () => {
  const { world, client, gpt } = await supervised({ bulkhead: { running: 2, queued: 1 } });
  gpt.script = hangs;
  const calls = Array.from({ length: 4 }, () =>
    outcome(client.call("assistant.ask", "hi", { timeout: 300 })),
  );
  await world.advance(50);
  expect(gpt.runs).toHaveLength(2);
  const codes = (await world.settle(Promise.all(calls))).map((error) => (error as MeshError).code);
  expect(codes.filter((code) => code === "overloaded")).toHaveLength(1);
});

test("weights share the requests out", async () => {
  const gpt = new ScriptedAgent("gpt").only("ask");
  const llama = new ScriptedAgent("llama").only("ask");
  const { ask, served } = await supervised({
    targets: [
      { agent: gpt, weight: 3 },
      { agent: llama, weight: 1 },
    ],
  });
  for (let i = 0; i < 200; i++) await ask();
  const first = served.filter(({ agent }) => agent === "gpt").length;
  expect(first).toBeGreaterThan(110);
  expect(first).toBeLessThan(190);
  // The one that was asked first is nobody's substitute.
  expect(served.filter(({ metadata }) => metadata.servedBy?.instead !== undefined)).toEqual([]);
});

test("who served in place of whom is known through all levels", async () => {
  const { world, gpt, client, served } = await supervised();
  const { contract } = gpt.only("ask");
  await (
    await world.member()
  ).serve(defineSupervisor({ name: "outer", targets: ["assistant"], contract, clock: world.clock }));
  gpt.script = fails(broken);
  await world.settle(client.call("outer.ask", "hi", { onServed: (by) => served.push(by) }));
  expect(served[0]?.metadata.servedBy).toMatchObject({ agent: "llama", instead: "gpt" });
});

test("what a supervisor knows is there to see", async () => {
  const { world, ask, gpt, client } = await supervised({ retry: { attempts: 2, backoff: 5 } });
  gpt.script = fails(down);
  await ask();
  expect(await statusOf(world, client)).toMatchObject({
    supervisor: true,
    requests: 1,
    targets: [
      { agent: "gpt", breaker: "closed", attempts: 2, failures: 2, retries: 1, lastError: "unavailable" },
      { agent: "llama", attempts: 1, failures: 0 },
    ],
  });
});

test("callers that give up are no failures of the target's, nor the supervisor's", async () => {
  const { world, gpt, client } = await supervised(alone("ask"));
  gpt.script = hangs;
  for (let i = 0; i < 3; i++) {
    const giveUp = new AbortController();
    const call = outcome(client.call("assistant.ask", "hi", { signal: giveUp.signal }));
    await world.advance(40);
    giveUp.abort();
    await world.settle(call);
    await world.advance(10);
  }
  const { failed, targets } = await statusOf(world, client);
  expect([failed, targets[0]]).toMatchObject([0, { attempts: 3, failures: 0 }]);
  expect(targets[0]?.["lastError"]).toBeUndefined();
});

test("retries and fallbacks are events", async () => {
  const { world, ask, gpt, client } = await supervised({
    retry: { attempts: 2, backoff: 5, jitter: "none" },
  });
  const events: unknown[] = [];
  client.observe((seen) => {
    if (seen.type === "event" && seen.agent === "assistant") events.push({ kind: seen.kind, ...seen.fields });
  });
  gpt.script = fails(down);
  await ask();
  await world.advance(5);
  expect(events).toMatchObject([
    { kind: "retry", target: "gpt", code: "unavailable", attempt: 1, waitMs: 5 },
    { kind: "fallback", from: "gpt", to: "llama", code: "unavailable" },
  ]);
});

test("a budget that is used up is an event, once, and there to see", async () => {
  const { world, client, gpt } = await supervised({
    ...alone("ask"),
    retry: { attempts: 3, backoff: 1, jitter: "none", budget: "0%" },
    breaker: false,
  });
  const events: unknown[] = [];
  client.observe((seen) => {
    if (seen.type === "event" && seen.kind === "budget") events.push(seen.fields);
  });
  gpt.script = fails(down);
  const calls = Array.from({ length: 200 }, () => outcome(client.call("assistant.ask", "hi")));
  await world.settle(Promise.all(calls));
  await world.advance(20);
  expect(events).toMatchObject([{ target: "gpt" }]);
  const { targets } = await statusOf(world, client);
  expect(targets[0]?.["overBudget"]).toBeGreaterThan(50);
});
