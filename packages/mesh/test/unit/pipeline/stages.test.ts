import { expect, test } from "vitest";
import { z } from "zod";
import { MeshError, methodOf, pipeline } from "../../../src/index.ts";
import { PipelineWorld } from "../../support/pipelined.ts";
import { ScriptedAgent, fails, hangs } from "../../support/scripted-agent.ts";
import { busy } from "../../support/supervised.ts";

const head = { name: "line", input: z.string() };

async function world() {
  const mesh = new PipelineWorld();
  const [a, b] = [new ScriptedAgent("a"), new ScriptedAgent("b")];
  await mesh.serve(a.agent, b.agent);
  const line = pipeline({ ...head, clock: mesh.clock });
  const run = (input = "x", options = {}): Promise<unknown> =>
    mesh.outcome((client) => client.call("line", input, options));
  return { mesh, a, b, line, run };
}

test("P11: each stage gets what the one before gave: methods, functions, other pipelines", async () => {
  const { mesh, a, line, run } = await world();
  const shout = pipeline({ name: "shout", input: z.string() })
    .stage("upper", (text) => text.toUpperCase())
    .stage("mark", async (text) => `${text}!`)
    .build();
  await mesh.serve(
    line
      .stage("ask", methodOf(a.agent, "ask"))
      .stage("shout", shout)
      .stage("named", "b.ask")
      .stage("letters", (text) => String(text).length)
      .build(),
  );
  expect(await run()).toBe("b: A: X!".length);
});

test("P11: a validation really stops: behind a closed gate nothing begins, and the caller is told why", async () => {
  const { mesh, a, line, run } = await world();
  await mesh.serve(
    line
      .gate("not-empty", (text) => text !== "" || "it is empty")
      .stage("ask", methodOf(a.agent, "ask"))
      .build(),
  );
  expect(await run("")).toMatchObject({
    code: "bad_request",
    retryable: false,
    message: 'stage "not-empty" of "line" failed: it is empty',
    details: { pipeline: "line", stage: "not-empty", completed: {} },
  });
  expect(a.runs).toHaveLength(0);
  expect(await run("y")).toBe("a: y");
});

test("P11: a gate may be a schema, which gives what it has parsed, and may name its code", async () => {
  const { mesh, line, run } = await world();
  await mesh.serve(
    line
      .gate("number", z.coerce.number().min(3), { code: "conflict" })
      .stage("double", (n) => n * 2)
      .build(),
  );
  expect(await run("4")).toBe(8);
  expect(await run("2")).toMatchObject({ code: "conflict", details: { stage: "number" } });
});

test("P11: what a function gives is checked by the stage's schema", async () => {
  const { mesh, line, run } = await world();
  await mesh.serve(line.stage("size", (text) => text.length, { output: z.number().min(2) }).build());
  expect(await run("xyz")).toBe(3);
  expect(await run("x")).toMatchObject({ code: "internal", details: { stage: "size" } });
});

test("P13: a stage's time is its own: an agent that hangs, and a function that does, end with `timeout`", async () => {
  const { mesh, a, line, run } = await world();
  a.script = hangs;
  let signal: AbortSignal | undefined;
  await mesh.serve(line.stage("ask", methodOf(a.agent, "ask"), { timeout: "50ms" }).build());
  await mesh.serve(
    pipeline({ ...head, name: "own", clock: mesh.clock })
      .stage("stuck", (_text, ctx) => ((signal = ctx.signal), new Promise<string>(() => {})), { timeout: 50 })
      .build(),
  );
  const before = mesh.clock.now();
  expect(await run()).toMatchObject({ code: "timeout", details: { stage: "ask" } });
  expect(await mesh.outcome((client) => client.call("own", "x"))).toMatchObject({
    code: "timeout",
    message: expect.stringContaining("no result within 50 ms") as string,
    details: { stage: "stuck" },
  });
  expect(mesh.clock.now() - before).toBeLessThan(200);
  expect(signal?.aborted).toBe(true);
  await mesh.mesh.advance(20);
  // The replica has been told.
  expect(a.runs[0]?.signal.aborted).toBe(true);
});

test("P13: only what can get better is tried again, methods and functions alike", async () => {
  const { mesh, a, line, run } = await world();
  let tries = 0;
  const retry = { attempts: 3, backoff: 5, jitter: "none" } as const;
  await mesh.serve(
    line
      .stage("ask", methodOf(a.agent, "ask"), { retry })
      .stage("compute", (text) => (++tries < 3 ? fails(busy)() : text.length), { retry })
      .build(),
  );
  a.script = (input) => (a.runs.length < 3 ? fails(busy)() : input);
  expect(await run("four")).toBe(4);
  expect([a.runs.length, tries]).toEqual([3, 3]);
  a.script = fails(new MeshError("conflict", "never"));
  expect(await run()).toMatchObject({ code: "conflict" });
  expect(a.runs).toHaveLength(4);
});

test("P13: retries do not multiply: a caller that allows none has none, and the error tells of every attempt", async () => {
  const { mesh, a, line, run } = await world();
  a.script = fails(busy);
  const retry = { attempts: 3, backoff: 5, jitter: "none" } as const;
  await mesh.serve(line.stage("ask", methodOf(a.agent, "ask"), { retry }).build());
  const error = await run("x", { retry: 3, idempotent: true, timeout: "4s" });
  expect(error).toMatchObject({ code: "overloaded", details: { attempts: { length: 3 } } });
  expect(a.runs).toHaveLength(3);
});

test("P13: a function is tried no more often than the caller allows", async () => {
  const { mesh, line, run } = await world();
  let tries = 0;
  const retry = { attempts: 5, backoff: 5, jitter: "none" } as const;
  const busyFor = (): string => (tries++, fails(busy)());
  await mesh.serve(line.stage("compute", busyFor, { retry }).build());
  expect(await run("x", { retry: 2, idempotent: true, timeout: "4s" })).toMatchObject({ code: "overloaded" });
  expect(tries).toBe(2);
});

test("calls inherit the request: its trace, its priority, its chain and its end", async () => {
  const { mesh, a, line } = await world();
  await mesh.serve(
    line
      .stage("ask", methodOf(a.agent, "ask"))
      .stage("by-hand", (text, ctx) => ctx.agent(a.agent).ask(text))
      .build(),
  );
  await mesh.outcome((client) => client.call("line", "x", { priority: "high" }));
  const [first, second] = a.runs.map(({ request }) => request);
  expect(first).toMatchObject({ priority: "high", chain: ["line"] });
  expect(second).toMatchObject({ priority: "high", chain: ["line"] });
  expect(second?.trace.traceId).toBe(first?.trace.traceId);
  a.script = hangs;
  const leaving = new AbortController();
  const left = mesh.outcome((client) => client.call("line", "x", { signal: leaving.signal }));
  await mesh.mesh.advance(30);
  leaving.abort();
  expect(await left).toMatchObject({ code: "cancelled" });
  await mesh.mesh.advance(20);
  expect(a.runs.at(-1)?.signal.aborted).toBe(true);
});

test("a key of the caller's reaches each stage as one of its own: what was done is not done again", async () => {
  const { mesh, a, line, run } = await world();
  let isBroken = true;
  await mesh.serve(
    line
      .stage("ask", methodOf(a.agent, "pay"))
      .stage("then", (text) => (isBroken ? fails(busy)() : text))
      .build(),
  );
  expect(await run("x", { idempotencyKey: "k" })).toMatchObject({ code: "overloaded" });
  isBroken = false;
  expect(await run("x", { idempotencyKey: "k" })).toBe("a: x");
  expect(a.runs).toHaveLength(1);
  await run("x");
  expect(a.runs).toHaveLength(2);
});

test("what makes no sense is told when the pipeline is made", () => {
  const { agent } = new ScriptedAgent("a");
  const start = pipeline(head);
  for (const [make, message] of [
    [() => start.build(), "has no stages"],
    [() => start.stage("a", (x) => x).stage("a", (x) => x), 'has a stage "a" already'],
    [() => start.stage("a/b", (x) => x), "is no name for a stage"],
    [() => start.stage("input", (x) => x), "is no name for a stage"],
    [() => start.stage("a", 7 as never), "must be a function, a method"],
    [() => start.stage("a", "Not A.Name"), "agent name"],
    [() => start.stage("a", (x) => x, { timeout: 0 }), 'stage "a": timeout is 0'],
    [() => start.stage("a", (x) => x, { retry: 0 }), 'stage "a": retry.attempts is 0'],
    [() => start.stage("a", (x) => x, { concurrency: 0 }), 'stage "a": concurrency is 0'],
    [() => start.stage("a", (x) => x, { onError: "go" as never }), 'stage "a": onError is "go"'],
    [() => start.parallel("a", {}), "has no arms"],
    [() => start.parallel("a", { b: (x) => x }, { atLeast: 2 }), "at most 1"],
    [() => start.gate("a", "no" as never), 'gate "a" is "no"'],
    [() => methodOf(agent, "nothing" as never), 'has no method "nothing": it has ask'],
    [() => pipeline({ ...head, name: "Big Bird" }), "agent name"],
    [
      () =>
        pipeline({ ...head, items: 0 })
          .stage("a", (x) => x)
          .build(),
      "items is 0",
    ],
  ] as const) {
    expect(make, message).toThrow(
      expect.objectContaining({ code: "bad_request", message: expect.stringContaining(message) as string }),
    );
  }
});

test("a builder is not changed by what is made of it", async () => {
  const { mesh, line, run } = await world();
  const one = line.stage("one", (text) => `${text}1`);
  one.stage("two", (text) => `${text}2`);
  await mesh.serve(one.build());
  expect(await run()).toBe("x1");
});
