import { expect, test, vi } from "vitest";
import type { Served } from "../../../src/contract/caller.ts";
import { MeshError } from "../../../src/errors.ts";
import type { SupervisorOptions } from "../../../src/supervisor/options.ts";
import { defineSupervisor } from "../../../src/supervisor/supervisor.ts";
import { InProcessMesh } from "../../support/in-process-mesh.ts";
import { ScriptedAgent, fails, hangs } from "../../support/scripted-agent.ts";

const busy = new MeshError("overloaded", "too much to do", { retryAfterS: 0.05 });
const down = new MeshError("unavailable", "not now");
const broken = new MeshError("internal", "broken");

/** Two targets and a supervisor, each on a member of its own. */
async function supervised(options: Partial<SupervisorOptions> = {}, methods = ["ask"] as ("ask" | "pay")[]) {
  const world = new InProcessMesh();
  const gpt = new ScriptedAgent("gpt");
  const llama = new ScriptedAgent("llama");
  for (const { agent } of [gpt, llama]) await (await world.member()).serve(agent);
  const targets = [gpt.only(...methods), llama.only(...methods)];
  const assistant = defineSupervisor({
    name: "assistant",
    targets,
    retry: { attempts: 3, backoff: 10, jitter: "none" },
    clock: world.clock,
    ...options,
  });
  await (await world.member()).serve(assistant);
  const client = await world.member();
  const served: Served[] = [];
  const ask = (input = "hi", more = {}): Promise<unknown> =>
    world.settle(
      client.call("assistant.ask", input, { timeout: "4s", onServed: (by) => served.push(by), ...more }),
    );
  return { world, gpt, llama, client, ask, served, assistant };
}

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

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

test("a target that is not there is passed by at once", async () => {
  const world = new InProcessMesh();
  const llama = new ScriptedAgent("llama");
  await (await world.member()).serve(llama.agent);
  const assistant = defineSupervisor({
    name: "assistant",
    targets: ["gone", llama.only("ask")],
    retry: false,
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

test("Y1: what may have been begun is not begun elsewhere, unless that does no harm", async () => {
  const { world, client, gpt, llama } = await supervised({ timeout: 100 }, ["pay"]);
  gpt.script = hangs;
  const error = await outcome(world.settle(client.call("assistant.pay", "10")));
  expect(error).toMatchObject({ code: "timeout", message: expect.stringContaining("idempotent") as string });
  expect([gpt.runs.length, llama.runs.length]).toEqual([1, 0]);
  const {
    world: other,
    client: caller,
    gpt: slow,
  } = await supervised({ timeout: 100, idempotent: true }, ["pay"]);
  slow.script = hangs;
  expect(await other.settle(caller.call("assistant.pay", "10"))).toBe("llama: 10");
});

test("Y1: an agent that says that it has failed is not asked again, and another may be", async () => {
  const { world, client, gpt, llama } = await supervised({}, ["pay"]);
  gpt.script = fails(broken);
  expect(await world.settle(client.call("assistant.pay", "10"))).toBe("llama: 10");
  expect([gpt.runs.length, llama.runs.length]).toEqual([1, 1]);
  gpt.script = fails(new MeshError("internal", "again?", { retryable: true }));
  await world.settle(client.call("assistant.pay", "10"));
  expect(gpt.runs).toHaveLength(2);
});

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
  gpt.script = fails(new MeshError("overloaded", "later", { retryAfterS: 60 }));
  const before = world.clock.now();
  expect(await ask()).toBe("llama: hi");
  expect(world.clock.now() - before).toBeLessThan(100);
  expect(llama.runs).toHaveLength(1);
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

test("a hedge joins an attempt that takes long, at another replica, and the loser's handler stops", async () => {
  const { world, ask, gpt, served } = await supervised({ hedge: { after: 50 } });
  await (await world.member()).serve(gpt.agent);
  gpt.script = (input, ctx) => (gpt.runs.length === 1 ? hangs(input, ctx) : "fast");
  expect(await ask()).toBe("fast");
  await world.advance(10);
  const [slow, fast] = gpt.runs;
  expect(slow?.signal.aborted).toBe(true);
  expect(fast?.signal.aborted).toBe(false);
  expect(slow?.request.replica).not.toBe(fast?.request.replica);
  expect(served[0]?.replica).toBe(fast?.request.replica);
});

test("hedging waits for the measured p95", async () => {
  const { world, ask, gpt } = await supervised({ hedge: true });
  await (await world.member()).serve(gpt.agent);
  gpt.script = async (input) => {
    await new Promise<void>((resolve) => world.clock.after(20, resolve));
    return input;
  };
  for (let i = 0; i < 20; i++) await ask();
  expect(gpt.runs).toHaveLength(20);
  gpt.script = (input, ctx) => (gpt.runs.length === 21 ? hangs(input, ctx) : input);
  const before = world.clock.now();
  await ask();
  expect(gpt.runs).toHaveLength(22);
  // Not measured it would be 2 s.
  expect(world.clock.now() - before).toBeLessThan(500);
});

test("a breaker leaves a failing target alone, and tries it again after a while", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
    const { world, ask, gpt, client } = await supervised({
      retry: false,
      breaker: { minimum: 4, halfOpenAfter: "10s" },
    });
    const events: string[] = [];
    client.observe((seen) => {
      if (seen.type === "event" && seen.kind === "breaker") events.push(String(seen.fields["state"]));
    });
    gpt.script = fails(broken);
    for (let i = 0; i < 6; i++) expect(await ask()).toBe("llama: hi");
    expect(gpt.runs).toHaveLength(4);
    gpt.script = () => "well";
    vi.setSystemTime(Date.now() + 9_000);
    expect(await ask()).toBe("llama: hi");
    vi.setSystemTime(Date.now() + 1_001);
    expect(await ask()).toBe("well");
    expect(await ask()).toBe("well");
    await world.advance(5);
    expect(events).toEqual(["open", "half-open", "closed"]);
  } finally {
    vi.useRealTimers();
  }
});

test("timeouts open a breaker too, and all breakers open is an error that says when to come again", async () => {
  const { ask, gpt, llama } = await supervised({ retry: false, timeout: 20, breaker: { minimum: 2 } });
  gpt.script = hangs;
  llama.script = hangs;
  await outcome(ask());
  await outcome(ask());
  const error = (await outcome(ask())) as MeshError;
  expect(error).toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("its breaker is open") as string,
  });
  expect(error.retryAfterS).toBeGreaterThan(9);
  expect(gpt.runs).toHaveLength(2);
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
});

test("what a supervisor knows is there to see", async () => {
  const { world, ask, gpt, client } = await supervised({ retry: { attempts: 2, backoff: 5 } });
  gpt.script = fails(down);
  await ask();
  const looking = client.stats("assistant");
  await world.advance(300);
  const [stats] = await looking;
  expect(stats?.status).toMatchObject({
    supervisor: true,
    requests: 1,
    targets: [
      { agent: "gpt", breaker: "closed", attempts: 2, failures: 2, retries: 1, lastError: "unavailable" },
      { agent: "llama", attempts: 1, failures: 0 },
    ],
  });
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
