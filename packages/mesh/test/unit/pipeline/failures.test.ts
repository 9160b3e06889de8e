import { expect, test } from "vitest";
import { z } from "zod";
import {
  type Agent,
  MeshError,
  type Served,
  defineSupervisor,
  methodOf,
  pipeline,
} from "../../../src/index.ts";
import { boundedValues } from "../../../src/pipeline/partial.ts";
import { PipelineWorld } from "../../support/pipelined.ts";
import { ScriptedAgent, fails, hangs } from "../../support/scripted-agent.ts";
import { broken, busy } from "../../support/supervised.ts";

async function world() {
  const mesh = new PipelineWorld();
  const [a, b] = [new ScriptedAgent("a"), new ScriptedAgent("b")];
  await mesh.serve(a.agent, b.agent);
  const line = pipeline({ name: "line", input: z.string(), clock: mesh.clock });
  const served: Served[] = [];
  const run = (options = {}): Promise<unknown> =>
    mesh.outcome((client) =>
      client.call("line", "x", { onServed: (by: Served) => served.push(by), ...options }),
    );
  return { mesh, a, b, line, run, served };
}

test("P14: an error has the code of the failing stage, its name, and what was done before it", async () => {
  const { mesh, a, b, line, run } = await world();
  b.script = fails(new MeshError("conflict", "taken", { details: { by: "me" } }));
  await mesh.serve(
    line
      .stage("first", methodOf(a.agent, "ask"))
      .stage("second", (text) => ({ text }))
      .stage("third", methodOf(b.agent, "pay", { take: ({ text }: { text: string }) => text }))
      .build(),
  );
  expect(await run()).toMatchObject({
    code: "conflict",
    retryable: false,
    message: 'stage "third" of "line" failed: taken',
    details: {
      pipeline: "line",
      stage: "third",
      completed: { first: "a: x", second: { text: "a: x" } },
      cause: { by: "me" },
    },
  });
});

test("P14: a failure deep inside is named by its way, with what was given on the way and beside it", async () => {
  const { mesh, a, line, run } = await world();
  const inner = pipeline({ name: "inner", input: z.string() })
    .stage("one", (text) => `${text}1`)
    .stage("two", fails(broken))
    .build();
  await mesh.serve(
    line
      .stage("first", methodOf(a.agent, "ask"))
      .parallel("both", { quick: () => 1, deep: inner })
      .build(),
  );
  expect(await run()).toMatchObject({
    code: "internal",
    details: {
      stage: "both/deep/two",
      completed: { first: "a: x", "both/quick": 1, "both/deep/one": "a: x1" },
    },
  });
});

test("P14: an error may be tried again when nothing was begun, or when doing it twice does no harm", async () => {
  const { mesh, a } = await world();
  a.script = fails(busy);
  const make = (name: string, idempotent: boolean, first: boolean): Agent =>
    pipeline({ name, input: z.string(), idempotent, clock: mesh.clock })
      .stage("one", (text) => (first ? fails(busy)() : text))
      .stage("two", methodOf(a.agent, "ask"))
      .build();
  await mesh.serve(make("not-begun", false, true), make("begun", false, false), make("twice", true, false));
  const retryable = async (name: string): Promise<boolean> =>
    (await mesh.error((client) => client.call(name, "x"))).retryable;
  expect(await retryable("not-begun")).toBe(true);
  expect(await retryable("begun")).toBe(false);
  expect(await retryable("twice")).toBe(true);
});

test("P14: a pipeline is idempotent when all its stages are methods that say so, or when it says so", () => {
  const { agent } = new ScriptedAgent("a");
  const start = pipeline({ name: "line", input: z.string() });
  const isIdempotent = (made: { contract: { methods: { run: object } } }): unknown =>
    (made.contract.methods.run as { idempotent?: boolean }).idempotent;
  const safe = start.gate("some", (text) => text !== "").stage("ask", methodOf(agent, "ask"));
  expect(isIdempotent(safe.build())).toBe(true);
  expect(isIdempotent(safe.stage("pay", methodOf(agent, "pay")).build())).toBe(false);
  expect(isIdempotent(safe.stage("pay", methodOf(agent, "pay"), { idempotent: true }).build())).toBe(true);
  expect(isIdempotent(safe.stage("compute", (text) => text).build())).toBe(false);
});

test("P14: what an error carries is bounded: the latest values, and the names of the rest", () => {
  const values = new Map<string, unknown>([
    ["old", "o".repeat(9_000)],
    ["large", "l".repeat(40_000)],
    ["cycle", cycle()],
    ["huge", 10n],
    ["nothing", undefined],
    ["late", "t".repeat(9_000)],
  ]);
  const { completed, omitted } = boundedValues(values);
  expect(Object.keys(completed)).toEqual(["nothing", "late"]);
  expect(omitted).toEqual(["huge", "cycle", "large", "old"]);
  const many = boundedValues(new Map(Array.from({ length: 500 }, (_each, n) => [`${n}`, n] as const)));
  expect(Object.keys(many.completed)).toHaveLength(100);
  expect(many.omitted).toHaveLength(21);
  expect(many.omitted?.at(-1)).toBe("… and 380 more");
});

test("P15: `skip` leaves an element out of a list; a single item has nothing to be left out of", async () => {
  const { mesh, line, run } = await world();
  const odd = (n: number): number => (n % 2 ? n : fails(broken)());
  await mesh.serve(
    line
      .stage("numbers", () => [1, 2, 3, 4, 5])
      .map("odd", odd, { onError: "skip" })
      .gate("few", (numbers) => numbers.length > 3 || `${numbers.length} are too few`, { onError: "skip" })
      .build(),
  );
  expect(await run()).toMatchObject({
    code: "bad_request",
    details: { stage: "few", completed: { odd: [1, 3, 5] } },
  });
});

test("P15: `continue` goes on with the value as it was, an `answer` with that, a `fallback` with what it makes: marked", async () => {
  const { mesh, a, b, line, run, served } = await world();
  a.script = fails(broken);
  const ask = methodOf(a.agent, "ask");
  const make = (name: string, onError: "continue" | object): object =>
    pipeline({ name, input: z.string(), clock: mesh.clock })
      .stage("ask", ask, { onError } as never)
      .stage("after", (value) => `${value}.`)
      .build();
  await mesh.serve(
    make("passing", "continue"),
    make("fixed", { answer: "none" }),
    make("other", { fallback: methodOf(b.agent, "ask") }),
  );
  await mesh.serve(line.stage("plain", (text) => text).build());
  const given: unknown[] = [];
  for (const name of ["passing", "fixed", "other", "line"]) {
    const onServed = (by: Served): unknown => served.push(by);
    given.push(await mesh.outcome((client) => client.call(name, "x", { onServed })));
  }
  expect(given).toEqual(["x.", "none.", "b: x.", "x"]);
  expect(served.map(({ degraded }) => degraded?.by)).toEqual(["continue", "answer", "fallback", undefined]);
  expect(served[0]?.degraded?.reason).toBe('stage "ask" failed: broken');
  expect(await mesh.error((client) => client.call("fixed", "x", { degraded: "never" }))).toMatchObject({
    code: "internal",
    details: { stage: "ask" },
  });
  expect(await run()).toBe("x");
});

test("P15: nothing is tried instead for a caller that has given up", async () => {
  const { mesh, a, line } = await world();
  a.script = hangs;
  let tried = 0;
  const fallback = (text: string): string => (tried++, text);
  await mesh.serve(line.stage("ask", methodOf(a.agent, "ask"), { onError: { fallback } }).build());
  const giveUp = new AbortController();
  const left = mesh.outcome((client) => client.call("line", "x", { signal: giveUp.signal }));
  await mesh.mesh.advance(30);
  giveUp.abort();
  expect(await left).toMatchObject({ code: "cancelled" });
  await mesh.mesh.advance(30);
  expect(a.runs[0]?.signal.aborted).toBe(true);
  expect(tried).toBe(0);
});

test("P15: what is to be left out is so, whatever the stages around it do with failures", async () => {
  const { mesh, line } = await world();
  const inner = pipeline({ name: "inner", input: z.string() })
    .gate("short", (text) => text.length < 3, { onError: "skip" })
    .build();
  await mesh.serve(line.stage("inner", inner, { onError: "continue" }).build());
  const client = await mesh.client();
  const results = client.stream("line.each", { items: ["ok", "too long"] }).collect();
  expect(await mesh.mesh.settle(results)).toMatchObject([
    { status: "fulfilled", value: "ok" },
    { status: "skipped", error: { details: { stage: "inner/short" } } },
  ]);
});

test("P15: a fallback that fails too is told with what it was for", async () => {
  const { mesh, a, b, line, run } = await world();
  a.script = fails(busy);
  b.script = fails(broken);
  await mesh.serve(
    line.stage("ask", methodOf(a.agent, "ask"), { onError: { fallback: methodOf(b.agent, "ask") } }).build(),
  );
  expect(await run()).toMatchObject({
    code: "overloaded",
    message: 'stage "ask" of "line" failed: too much to do Its fallback failed too: broken',
    details: { stage: "ask" },
  });
});

test("P15: a degraded answer of a stage's agent marks that of the pipeline", async () => {
  const { mesh, a, line, run, served } = await world();
  a.script = fails(broken);
  const careful = defineSupervisor({
    name: "careful",
    targets: [a.only("ask")],
    degrade: [{ answer: "sorry" }],
    clock: mesh.clock,
  });
  await mesh.serve(careful, line.stage("ask", "careful.ask", { output: z.string() }).build());
  expect(await run()).toBe("sorry");
  expect(served[0]?.degraded).toMatchObject({ by: "answer" });
});

test("a pipeline is supervised like any other agent", async () => {
  const { mesh, a, line } = await world();
  a.script = (input) => (a.runs.length < 2 ? fails(busy)() : input);
  const made = line.stage("ask", methodOf(a.agent, "ask")).build();
  const kept = defineSupervisor({
    name: "kept",
    targets: [made as unknown as Agent],
    retry: { attempts: 3, backoff: 5, jitter: "none" },
    clock: mesh.clock,
  });
  await mesh.serve(made, kept);
  expect(await mesh.outcome((client) => client.call("kept.run", "x"))).toBe("x");
  expect(a.runs).toHaveLength(2);
});

function cycle(): object {
  const self: { self?: object } = {};
  self.self = self;
  return self;
}
