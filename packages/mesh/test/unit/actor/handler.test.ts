import { expect, test } from "vitest";
import { z } from "zod";
import { MeshError } from "../../../src/errors.ts";
import type { Context } from "../../../src/contract/context.ts";
import { defineAgent } from "../../../src/contract/agent.ts";
import { ActorFixture, turns } from "../../support/actor-fixture.ts";
import { FakeInbound } from "../../support/fake-inbound.ts";

test("an input that does not fit is bad_request with the place of each fault, and the handler never runs", () => {
  let ran = false;
  const fixture = ActorFixture.of(() => (ran = true), {
    method: { input: z.object({ items: z.array(z.object({ name: z.string() })), n: z.int() }) },
  });
  const inbound = fixture.offer({ items: [{ name: "a" }, { name: 2 }], n: 1.5 });
  expect(inbound.failure).toMatchObject({
    code: "bad_request",
    retryable: false,
    details: [{ path: "items[1].name" }, { path: "n" }],
  });
  expect(inbound.failure?.message).toContain("the input of tester.run is not valid: items[1].name: ");
  expect(ran).toBe(false);
  expect(fixture.log.lines).toEqual([]);
});

test("the handler gets what the schema made of the input", () => {
  const fixture = ActorFixture.of((input: { n: number }) => input.n, {
    method: { input: z.object({ n: z.coerce.number().default(7) }) },
  });
  expect(fixture.offer({ n: "3" }).resolved).toBe(3);
  expect(fixture.offer({}).resolved).toBe(7);
});

test("a bad output is internal for the caller and an error in the owner's log", () => {
  const fixture = ActorFixture.of(() => ({ words: "many" }), {
    method: { output: z.object({ words: z.int() }) },
  });
  const inbound = fixture.offer(1);
  expect(inbound.failure).toMatchObject({ code: "internal", details: [{ path: "words" }] });
  expect(inbound.failure?.message).toContain(
    "tester.run gave a result that its own contract forbids: words: ",
  );
  expect(fixture.log.errors).toHaveLength(1);
  expect(fixture.log.errors[0]?.fields).toMatchObject({
    agent: "tester",
    replica: "node-1",
    method: "run",
    request: inbound.id,
    trace: inbound.id,
    details: [{ path: "words" }],
  });
});

test("a result passes through the output's transforms, asynchronous ones too", async () => {
  const sync = ActorFixture.of(() => "a", { method: { output: z.string().transform((x) => `${x}!`) } });
  expect(sync.offer(1).resolved).toBe("a!");
  const later = ActorFixture.of(async () => "a", {
    method: { output: z.string().transform(async (x) => `${x}?`) },
  });
  const inbound = later.offer(1);
  await turns(2);
  expect(inbound.resolved).toBe("a?");
});

test.each([
  ["an error", new Error("boom"), "boom"],
  ["an error without a message", new TypeError(), "TypeError"],
  ["a string", "boom", "boom"],
  ["undefined", undefined, "a thrown undefined"],
  ["null", null, "a thrown null"],
  ["a bigint", 10n, "a thrown bigint"],
  ["an object", { code: 1 }, "a thrown object"],
])(
  "a handler that throws %s is internal, at once and later, and the owner reads it",
  async (_what, thrown, message) => {
    const fixture = ActorFixture.of((input) => {
      if (input === "later") return Promise.reject(thrown);
      throw thrown;
    });
    for (const input of ["now", "later"]) {
      const inbound = fixture.offer(input);
      await turns(2);
      expect(inbound.failure).toMatchObject({ code: "internal", message });
    }
    expect(fixture.log.errors).toHaveLength(2);
    expect(fixture.actor.inFlight).toBe(0);
  },
);

test("a MeshError of the handler's own reaches the caller as it is, and is no fault to log", () => {
  const fixture = ActorFixture.of(() => {
    throw new MeshError("overloaded", "the model is busy.", { retryAfterS: 3, details: { model: "m" } });
  });
  expect(fixture.offer(1).failure).toMatchObject({
    code: "overloaded",
    retryAfterS: 3,
    details: { model: "m" },
  });
  expect(fixture.log.errors).toEqual([]);
});

test("a result may be a thenable that is no promise", async () => {
  const fixture = ActorFixture.of(() => ({
    // oxlint-disable-next-line unicorn/no-thenable -- what query builders return
    then: (resolve: (value: number) => void) => {
      setImmediate(() => resolve(42));
    },
  }));
  const inbound = fixture.offer(1);
  expect(fixture.actor.inFlight).toBe(1);
  await turns(3);
  expect(inbound.resolved).toBe(42);
});

test("the default method is the only one, or `run`, or the one that is named", () => {
  const method = { input: z.unknown(), run: () => 1 };
  const only = new ActorFixture(defineAgent({ name: "a", version: "1.0.0", methods: { say: method } }));
  expect(only.actor.methods.named(undefined)?.name).toBe("say");
  const two = { say: method, run: method };
  const run = new ActorFixture(defineAgent({ name: "a", version: "1.0.0", methods: two }));
  expect(run.actor.methods.named(undefined)?.name).toBe("run");
  const named = new ActorFixture(
    defineAgent({ name: "a", version: "1.0.0", defaultMethod: "say", methods: two }),
  );
  expect(named.actor.methods.named(undefined)?.name).toBe("say");
});

test("an unknown method, or no default one, is not_found and names what there is", () => {
  const method = { input: z.unknown(), run: () => 1 };
  const fixture = new ActorFixture(
    defineAgent({ name: "a", version: "1.0.0", methods: { say: method, shout: method } }),
  );
  const [unknown, none] = [new FakeInbound(1), new FakeInbound(1)];
  expect(fixture.actor.offer("toString", unknown)).toBeUndefined();
  fixture.actor.offer(undefined, none);
  expect(unknown.failure).toMatchObject({
    code: "not_found",
    message: 'agent "a" has no method "toString". It has a.say, a.shout.',
  });
  expect(none.failure?.message).toBe('agent "a" has no default method: name one. It has a.say, a.shout.');
  expect(unknown.closedTimes).toBe(1);
});

test("a cycle fails at once and names the chain", () => {
  const fixture = ActorFixture.of(() => 1);
  const inbound = fixture.offer(1, { chain: ["tester", "other"] });
  expect(inbound.failure).toMatchObject({ code: "conflict", retryable: false });
  expect(inbound.failure?.message).toContain('come back to "tester": tester → other → tester.');
});

test("ctx.request says what is served, and ctx.log carries the request's and the trace's id", () => {
  const trace = { traceId: "a".repeat(32), spanId: "b".repeat(16), sampled: true };
  const fixture = ActorFixture.of((_input: never, ctx: Context) => {
    ctx.log.info({ extra: 1 }, "hello");
    const { remainingMs, ...rest } = ctx.request;
    return { ...rest, remainingMs };
  });
  const inbound = fixture.offer(1, { remainingMs: 500, chain: ["app"], trace });
  expect(inbound.resolved).toEqual({
    id: inbound.id,
    agent: "tester",
    method: "run",
    replica: "node-1",
    attempt: 1,
    idempotencyKey: inbound.id,
    chain: ["app"],
    trace,
    remainingMs: 500,
    retries: undefined,
    undegraded: false,
    askable: false,
    priority: "normal",
    from: 0,
  });
  expect(fixture.log.lines).toEqual([
    {
      level: "info",
      message: "hello",
      fields: {
        agent: "tester",
        replica: "node-1",
        method: "run",
        request: inbound.id,
        trace: trace.traceId,
        extra: 1,
      },
    },
  ]);
});
