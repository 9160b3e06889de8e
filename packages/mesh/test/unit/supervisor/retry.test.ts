import { expect, test } from "vitest";
import { MeshError } from "../../../src/errors.ts";
import { defineSupervisor } from "../../../src/supervisor/supervisor.ts";
import { ScriptedAgent, fails } from "../../support/scripted-agent.ts";
import { alone, broken, busy, down, outcome, statusOf, supervised } from "../../support/supervised.ts";

test("Y2: only what is retryable is tried again, and what is wrong with the request is told at once", async () => {
  const { ask, gpt, llama } = await supervised();
  gpt.script = fails(new MeshError("bad_request", "nonsense"));
  expect(await outcome(ask())).toMatchObject({
    code: "bad_request",
    message: expect.stringContaining("nonsense") as string,
  });
  expect([gpt.runs.length, llama.runs.length]).toEqual([1, 0]);
  gpt.script = fails(broken);
  await ask();
  expect([gpt.runs.length, llama.runs.length]).toEqual([2, 1]);
});

test("an agent that says that it can do better is asked again", async () => {
  const { ask, gpt } = await supervised();
  gpt.script = fails(new MeshError("internal", "again?", { retryable: true }));
  expect(await ask()).toBe("llama: hi");
  expect(gpt.runs).toHaveLength(3);
});

test("Y2: a target is not asked sooner than it wants, nor waited for beyond the deadline", async () => {
  const { ask, gpt, llama, world } = await supervised();
  const at: number[] = [];
  gpt.script = (input) => {
    at.push(world.clock.now());
    if (at.length === 1) throw new MeshError("overloaded", "later", { retryAfterS: 0.2 });
    return input;
  };
  expect(await ask()).toBe("hi");
  expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(200);
  // Of the 4 s, 2 are the other's.
  for (const retryAfterS of [60, 2.5]) {
    gpt.script = fails(new MeshError("overloaded", "later", { retryAfterS }));
    const before = world.clock.now();
    expect(await ask()).toBe("llama: hi");
    expect(world.clock.now() - before).toBeLessThan(100);
  }
  expect(llama.runs).toHaveLength(2);
});

test("Y2: where nobody is at all, nobody is waited for while another is there", async () => {
  const { ask, world, served } = await supervised({
    targets: ["gone", new ScriptedAgent("llama").only("ask")],
  });
  const before = world.clock.now();
  expect(await ask()).toBe("llama: hi");
  expect(world.clock.now() - before).toBeLessThan(25);
  expect(served[0]?.metadata.servedBy?.instead).toBe("gone");
  const lone = await supervised({ targets: ["gone"], contract: new ScriptedAgent("x").only("ask").contract });
  expect(await outcome(lone.ask())).toMatchObject({ details: { attempts: { length: 3 } } });
});

test("Y2: a caller that gives up while a retry waits is told so, and no next best answer is looked for", async () => {
  const { world, gpt, client } = await supervised({ degrade: [{ answer: "sorry" }] });
  gpt.script = fails(new MeshError("overloaded", "later", { retryAfterS: 1 }));
  for (const target of [gpt.agent, new ScriptedAgent("assistant").agent]) {
    const giveUp = new AbortController();
    const call = outcome(client.agent(target).ask("x", { retry: 3, signal: giveUp.signal }));
    await world.advance(50);
    giveUp.abort();
    expect(await world.settle(call)).toMatchObject({ code: "cancelled" });
    await world.advance(20);
  }
  expect(await statusOf(world, client)).toMatchObject({ degraded: 0, failed: 0 });
  expect(gpt.runs).toHaveLength(2);
});

test("Y3: retries do not multiply by nesting", async () => {
  const { world, client, gpt, assistant } = await supervised({
    targets: [new ScriptedAgent("gpt").only("ask")],
  });
  const outer = defineSupervisor({
    name: "outer",
    targets: [assistant],
    retry: { attempts: 3, backoff: 10 },
    clock: world.clock,
  });
  await (await world.member()).serve(outer);
  gpt.script = fails(busy);
  const error = await outcome(world.settle(client.call("outer.ask", "hi", { timeout: "5s", retry: 3 })));
  expect(error).toMatchObject({ code: "overloaded" });
  expect(gpt.runs).toHaveLength(3);
  expect(new Set(gpt.runs.map(({ request }) => request.idempotencyKey)).size).toBe(1);
  gpt.runs.length = 0;
  await outcome(world.settle(client.call("outer.ask", "hi", { timeout: "5s", retry: 1 })));
  expect(gpt.runs).toHaveLength(3);
});

test("Y3: an outage is not multiplied: the budget ends the retries", async () => {
  const { world, client, gpt } = await supervised({
    targets: [new ScriptedAgent("gpt").only("ask")],
    retry: { attempts: 3, backoff: 1, jitter: "none", budget: "0%" },
    breaker: false,
  });
  gpt.script = fails(down);
  const calls = Array.from({ length: 300 }, () =>
    outcome(client.call("assistant.ask", "hi", { timeout: "5s" })),
  );
  await world.settle(Promise.all(calls));
  // 300 requests, and the 100 retries that are free in 10 s; a few more come in while the test runs.
  expect(gpt.runs.length).toBeGreaterThanOrEqual(400);
  expect(gpt.runs.length).toBeLessThan(430);
});

test("Y3: a plain caller may say how many further attempts there may be", async () => {
  const { world, gpt, transport } = await supervised({ ...alone("ask"), hedge: { after: 40 } });
  gpt.script = fails(busy);
  const runs: number[] = [];
  for (const headers of [{}, { "Shoal-Retries": "1" }, { "Shoal-Retries": "0" }]) {
    gpt.runs.length = 0;
    transport.publish("mesh.assistant.ask", Buffer.from("hi"), { reply: transport.newInbox(), headers });
    await world.advance(500);
    runs.push(gpt.runs.length);
  }
  expect(runs).toEqual([3, 2, 1]);
});

test("Y4: a replica that has failed is not asked again while there is another", async () => {
  const { world, client, gpt } = await supervised({ retry: { attempts: 2, backoff: 5 }, breaker: false });
  await (await world.member()).serve(gpt.agent);
  gpt.script = fails(busy);
  for (let i = 0; i < 10; i++) {
    gpt.runs.length = 0;
    await world.settle(client.call("assistant.ask", `${i}`));
    expect(new Set(gpt.runs.map(({ request }) => request.replica)).size).toBe(2);
  }
});

test("Y4: a lone replica is asked again, at the cost of a few messages", async () => {
  const { world, gpt, client, transport } = await supervised();
  let sent = 0;
  transport.onPublish = ({ subject }) => {
    if (subject === "mesh.gpt.ask") sent++;
    return true;
  };
  gpt.script = fails(busy);
  const call = client.agent(gpt.agent).ask("x", { retry: { attempts: 4, backoff: 1 }, timeout: "5s" });
  await world.settle(outcome(call));
  expect(gpt.runs).toHaveLength(4);
  expect(sent).toBeLessThan(16);
});

test("Y5: a failure tells of every attempt", async () => {
  const { ask, gpt, llama } = await supervised({ retry: { attempts: 2, backoff: 5 } });
  gpt.script = fails(down);
  llama.script = fails(broken);
  const error = (await outcome(ask())) as MeshError;
  expect(error.code).toBe("internal");
  expect(error.message).toMatch(/assistant\.ask failed 3 times.*gpt.*unavailable.*llama.*broken/);
  expect(error.details).toMatchObject({
    attempts: [
      { target: "gpt", code: "unavailable", replica: gpt.runs[0]?.request.replica },
      { target: "gpt", code: "unavailable" },
      { target: "llama", code: "internal", tookMs: expect.any(Number) as number },
    ],
  });
});

test("Y5: details that only look like attempts are an agent's own", async () => {
  const { ask, gpt } = await supervised(alone("ask"));
  for (const attempts of [[{ code: "E1" }], [{ target: "x", code: "E1", message: "", tookMs: 0 }], [null]]) {
    gpt.script = fails(new MeshError("internal", "broken", { details: { attempts } }));
    expect(await outcome(ask())).toMatchObject({
      message: expect.stringMatching(/gpt .*broken/) as string,
      details: { attempts: [{ target: "gpt", code: "internal" }] },
    });
  }
});
