import { type Served, defineAgent } from "@shoal/mesh";
import { beforeAll, afterAll, expect, test } from "vitest";
import { z } from "zod";
import { WorkerMesh, mirrorAgent } from "../../support/worker-mesh.ts";

const echo = defineAgent({
  name: "echo",
  version: "1.0.0",
  methods: { say: { input: z.string(), output: z.string(), run: (text) => text } },
});

let mesh: WorkerMesh;
beforeAll(async () => {
  mesh = await WorkerMesh.start({}, [echo, mirrorAgent]);
});
afterAll(() => mesh[Symbol.asyncDispose]());

test("a computation of seconds delays no other agent of its node, and its replica answers pings", async () => {
  let isOver = false;
  const burning = mesh.call("burn", { ms: 3_000 }).finally(() => (isOver = true));
  await mesh.event("burning");
  let asked = 0;
  let longestMs = 0;
  let pinged = 0;
  while (!isOver) {
    const from = performance.now();
    await mesh.caller.call("echo.say", "still here?");
    longestMs = Math.max(longestMs, performance.now() - from);
    asked++;
    if (!isOver) pinged += (await mesh.caller.ping("thinker")).length;
  }
  expect(await burning).toBe("burnt");
  expect(asked).toBeGreaterThan(5);
  expect(pinged).toBeGreaterThan(1);
  expect(longestMs).toBeLessThan(500);
});

test("a request that expires behind a computation is told so in time", async () => {
  const burning = mesh.call("burn", { ms: 1_000 });
  const from = performance.now();
  const error = await mesh.failure(mesh.call("count", {}, { timeout: 100 }));
  expect(error.code).toBe("deadline_exceeded");
  expect(performance.now() - from).toBeLessThan(600);
  expect(await burning).toBe("burnt");
});

test("a handler knows its request, and its time goes by", async () => {
  const options = { timeout: 5_000, idempotencyKey: "k1" };
  const told = (await mesh.call("told", {}, options)) as Record<string, number>;
  expect(told).toMatchObject({
    agent: "thinker",
    method: "told",
    idempotencyKey: "k1",
    attempt: 1,
    chain: [],
    from: 0,
    undegraded: false,
    trace: { sampled: false },
  });
  expect(told["id"]).toMatch(/^[0-9a-f]{32}$/);
  expect(told["replica"]).toMatch(/^node-/);
  expect(told["remainingMs"]).toBeLessThanOrEqual(5_000);
  expect(told["remainingMs"]).toBeGreaterThan(3_000);
  expect(told["later"]).toBeLessThan(told["remainingMs"] ?? 0);
});

test("schemas run once, on the main thread, and metadata goes with the answer", async () => {
  let served: Served | undefined;
  expect(await mesh.call("length", "four", { onServed: (by) => (served = by) })).toBe("4!");
  expect(served?.metadata).toMatchObject({ mood: "good" });
});

test("state persists between requests; it is shown, and is each replica's own", async () => {
  const first = (await mesh.call("count")) as number;
  expect(await mesh.call("count")).toBe(first + 1);
  const [shown] = await mesh.caller.stats("thinker");
  expect(shown?.status).toEqual({ count: first + 1, thread: await mesh.call("thread") });
});

test("log lines carry agent, replica, method and request; errors stay errors, and nothing throws", async () => {
  expect(await mesh.call("note")).toBe("done");
  const line = mesh.log.lines.find(({ message }) => message === "noted");
  expect(line).toMatchObject({
    level: "warn",
    fields: {
      agent: "thinker",
      replica: expect.stringMatching(/^node-/) as string,
      method: "note",
      request: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      trace: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      by: 1,
      part: 2,
    },
  });
  const { err } = line?.fields ?? {};
  expect(err).toBeInstanceOf(Error);
  expect(err).toMatchObject({ name: "RangeError", message: "far off" });
  expect((err as Error).stack).toContain("thinker.ts");
  const odd = mesh.log.lines.find(({ message }) => message === "odd");
  expect(odd?.fields).toMatchObject({ way: expect.stringContaining("Function") as string, method: "note" });
  expect(mesh.log.lines.find(({ message }) => message === "awake")?.fields).toMatchObject({
    agent: "thinker",
  });
});

test("B1: a caller that gives up is heard by the handler's signal", async () => {
  const controller = new AbortController();
  const held = mesh.failure(mesh.call("hold", {}, { signal: controller.signal }));
  await mesh.event("holding");
  controller.abort();
  expect((await held).code).toBe("cancelled");
  expect(await mesh.event("aborted")).toMatchObject({ agent: "thinker", code: "cancelled" });
});

test("B2: chunks are made on demand, and leaving early runs the generator's finally", async () => {
  const read: unknown[] = [];
  for await (const chunk of mesh.caller.stream("thinker.ticks", {}, { window: 4 })) {
    read.push(chunk);
    if (read.length === 3) break;
  }
  expect(read).toEqual([0, 1, 2]);
  const { given } = await mesh.event("left");
  expect(given).toBeLessThan(20);
});

test("a stream that ends tells its metadata", async () => {
  let served: Served | undefined;
  const stream = mesh.caller.stream("thinker.few", {}, { onServed: (by) => (served = by) });
  expect(await stream.collect()).toEqual([1, 2]);
  expect(served?.metadata).toMatchObject({ mood: "brief" });
});

test("errors keep their code and facts; others are internal, with their stack in the log", async () => {
  expect(await mesh.failure(mesh.call("refuse"))).toMatchObject({
    code: "overloaded",
    message: "enough for today",
    retryable: true,
    retryAfterS: 2,
    details: { queue: 7 },
  });
  expect(await mesh.failure(mesh.call("fail"))).toMatchObject({ code: "internal", message: "it is odd" });
  const { err } = mesh.log.errors.find(({ message }) => message === "it is odd")?.fields ?? {};
  expect(err).toMatchObject({ name: "TypeError", message: "it is odd", cause: { message: "the root" } });
  expect((err as Error).stack).toContain("thinker.ts");
});

test.each([
  ["a result", "function", {}],
  ["an input", "takesFunction", "text"],
])("%s that cannot be cloned is an internal error that names the method", async (_what, method, input) => {
  const error = await mesh.failure(mesh.call(method, input));
  expect(error.code).toBe("internal");
  expect(error.message).toMatch(new RegExp(`thinker\\.${method} .*must be cloneable`));
});

test("so is a chunk, and the generator's finally has run", async () => {
  const leftBefore = mesh.events.filter(({ kind }) => kind === "left").length;
  const error = await mesh.failure(mesh.caller.stream("thinker.functions").collect());
  expect(error.message).toMatch(/thinker\.functions .*must be cloneable/);
  expect(await mesh.event("left", leftBefore + 1)).toMatchObject({ given: 2 });
  const none = await mesh.failure(mesh.caller.stream("thinker.noChunks").collect());
  expect(none.message).toContain("thinker.noChunks must return an iterable of chunks");
});

test("what the agent's own hooks throw keeps the replica from starting", async () => {
  process.env["THINKER_FAILS"] = "1";
  try {
    await expect(WorkerMesh.start()).rejects.toMatchObject({
      code: "unavailable",
      message: 'agent "thinker" did not start: no wish to start.',
    });
  } finally {
    delete process.env["THINKER_FAILS"];
  }
});
