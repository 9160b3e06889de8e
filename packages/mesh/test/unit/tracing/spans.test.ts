import { SpanKind, SpanStatusCode, context } from "@opentelemetry/api";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import type { Context } from "../../../src/contract/context.ts";
import { MeshError } from "../../../src/errors.ts";
import { defineSupervisor } from "../../../src/supervisor/supervisor.ts";
import { Frame, Kind, isFrame } from "../../../src/protocol/frame.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";
import { isTraced } from "../../../src/tracing/tracer.ts";
import { RecordedSpans, inSpan, isChild } from "../../support/recorded-spans.ts";

const any = z.unknown();
const one = (name: string, run: (input: unknown, ctx: Context) => unknown, options: object = {}) =>
  defineAgent({
    name,
    version: "1.0.0",
    ...options,
    methods: { run: { input: any, output: any, idempotent: true, run } },
  });

let spans: RecordedSpans | undefined;

afterEach(() => {
  spans?.[Symbol.dispose]();
  spans = undefined;
});

test("TR1: without an SDK nothing rides in a request, and its trace is its own", async () => {
  await using mesh = new InProcessMesh();
  await mesh.serve(one("echo", (_input, ctx) => ctx.request));
  const { mesh: app, transport } = await mesh.join();
  expect(isTraced()).toBe(false);
  const request = (await app.call("echo", 1)) as Context["request"];
  expect(request.trace).toMatchObject({ traceId: request.id, sampled: false });
  const sent = transport.published.map(({ payload }) => payload).filter((each) => isFrame(each));
  const frames = sent.map((each) => new Frame(each)).filter(({ kind }) => kind === Kind.request);
  expect(frames.map(({ hasExtensions }) => hasExtensions)).toEqual([false]);
});

for (const local of ["never", "prefer"] as const) {
  test(`TR2: a call is a child of the app's span, what a handler does is inside its own (local: ${local})`, async () => {
    spans = new RecordedSpans();
    await using mesh = new InProcessMesh();
    const member = await mesh.member({ local });
    await member.serve(
      one("outer", (input, ctx) => {
        inSpan("own", () => {}, context.active());
        return ctx.call("inner", input);
      }),
    );
    await member.serve(one("inner", (input) => input));
    expect(isTraced()).toBe(true);
    await inSpan("app", () => member.call("outer", 1));

    const [app, own] = [spans.one("app"), spans.one("own")];
    const call = spans.one("outer", SpanKind.CLIENT);
    const served = spans.one("outer.run", SpanKind.SERVER);
    const nested = spans.one("inner", SpanKind.CLIENT);
    const inner = spans.one("inner.run", SpanKind.SERVER);
    expect(
      [call, served, own, nested, inner].map((each, index) =>
        isChild(each, [app, call, served, served, nested][index]!),
      ),
    ).toEqual([true, true, true, true, true]);
    expect(call.attributes).toMatchObject({
      "rpc.system.name": "shoal",
      "rpc.method": "outer",
      "shoal.agent": "outer",
    });
    expect(served.attributes["shoal.replica"]).toBe(call.attributes["shoal.replica"]);
    expect(served.attributes["shoal.request.id"]).toBe(call.attributes["shoal.request.id"]);
  });
}

test("a failure is the status of both, with its code", async () => {
  spans = new RecordedSpans();
  await using mesh = new InProcessMesh();
  await mesh.serve(
    one("sour", () => {
      throw new MeshError("conflict", "somebody was faster.");
    }),
  );
  const app = await mesh.member();
  await app.call("sour", 1).catch(() => {});
  for (const span of [spans.one("sour", SpanKind.CLIENT), spans.one("sour.run", SpanKind.SERVER)]) {
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: "somebody was faster." });
    expect(span.attributes["error.type"]).toBe("conflict");
  }
});

test("what is not begun has a span too; what waits has one for that, inside its own", async () => {
  spans = new RecordedSpans();
  await using mesh = new InProcessMesh();
  let finish = (): void => {};
  const agent = one("slow", () => new Promise<number>((resolve) => (finish = () => resolve(1))));
  await mesh.serve(agent);
  const app = await mesh.member();
  const first = app.call("slow", 1, { timeout: "10s" });
  const second = app.call("slow", 2, { timeout: "10s" });
  const late = app.call("slow", 3, { timeout: 100 }).catch((error: MeshError) => error.code);
  await mesh.advance(200);
  expect(await late).toBe("deadline_exceeded");
  finish();
  await mesh.advance(20);
  finish();
  await mesh.settle(Promise.all([first, second]));

  const queues = spans.named("queue slow.run");
  const served = spans.named("slow.run", SpanKind.SERVER);
  expect(served).toHaveLength(3);
  expect(queues).toHaveLength(2);
  const expired = served.find(({ status }) => status.code === SpanStatusCode.ERROR);
  const waited = served.find(({ attributes }) => Number(attributes["shoal.waited_ms"]) >= 200);
  expect(queues.some((queue) => isChild(queue, expired!) && queue.status.code === SpanStatusCode.ERROR)).toBe(
    true,
  );
  expect(queues.some((queue) => isChild(queue, waited!) && queue.status.code === SpanStatusCode.UNSET)).toBe(
    true,
  );
});

test("a request that moves to another replica has one span of its own, and one for each handover", async () => {
  spans = new RecordedSpans();
  await using mesh = new InProcessMesh();
  const finishes: (() => void)[] = [];
  const agent = one("slow", (input) => new Promise((resolve) => finishes.push(() => resolve(input))));
  const { agent: _name, id } = await mesh.serve(agent);
  const app = await mesh.member();
  const calls = [1, 2].map((n) => app.call("slow", n, { timeout: "60s" }));
  await mesh.advance(200);
  const second = await mesh.serve(agent);
  for (let tries = 0; tries < 100 && finishes.length < 2; tries++) await mesh.advance(50);
  for (const finish of finishes) finish();
  await mesh.settle(Promise.all(calls));

  const handover = spans.one("handover slow.run");
  expect(handover.attributes).toMatchObject({ "shoal.replica": id, "shoal.moved_to": second.id });
  const served = spans.named("slow.run", SpanKind.SERVER);
  expect(served).toHaveLength(2);
  const moved = served.find(({ attributes }) => attributes["shoal.moves"] === 1);
  expect(moved?.attributes["shoal.replica"]).toBe(second.id);
  expect(moved?.parentSpanContext?.spanId).toBe(handover.parentSpanContext?.spanId);
});

test("a call that is sent again has a span for each attempt: the lost one, and the other", async () => {
  spans = new RecordedSpans();
  await using mesh = new InProcessMesh();
  const held: string[] = [];
  const agent = one("slow", (_input, { request }) => {
    held.push(request.replica);
    return held.length === 1 ? new Promise(() => {}) : request.attempt;
  });
  await mesh.serve(agent);
  await mesh.serve(agent);
  const app = await mesh.member();
  const call = app.call("slow", 1, { timeout: "60s", idempotent: true });
  await mesh.advance(100);
  await mesh.kill(held[0]!);
  expect(await mesh.settle(call, "30s")).toBe(2);

  const whole = spans.one("slow", SpanKind.CLIENT);
  const [lost, answered] = spans.named("attempt slow");
  expect([lost!, answered!].every((each) => isChild(each, whole))).toBe(true);
  expect(lost!.attributes).toMatchObject({
    "error.type": "replica_lost",
    "shoal.replica": held[0],
    "shoal.attempt": 1,
  });
  expect(answered!.attributes).toMatchObject({ "shoal.replica": held[1], "shoal.attempt": 2 });
  expect(whole.events.map(({ name }) => name)).toEqual(["resend"]);
  expect(whole.status.code).toBe(SpanStatusCode.UNSET);
  expect(isChild(spans.one("slow.run", SpanKind.SERVER), answered!)).toBe(true);
});

test("a policy's attempts are calls inside one, in their order, and what it decides is said on the span", async () => {
  spans = new RecordedSpans();
  await using mesh = new InProcessMesh();
  let asked = 0;
  const flaky = one("flaky", () => {
    if (++asked === 1) throw new MeshError("unavailable", "not yet.");
    return "well";
  });
  await mesh.serve(flaky);
  await mesh.serve(
    defineSupervisor({ name: "boss", targets: [flaky], retry: { attempts: 2, backoff: "5ms" } }),
  );
  const app = await mesh.member();
  expect(await mesh.settle(app.call("boss", 1))).toBe("well");
  const boss = spans.one("boss.run", SpanKind.SERVER);
  const calls = spans.named("flaky.run", SpanKind.CLIENT);
  expect(calls.map(({ attributes }) => attributes["shoal.trial"])).toEqual([1, 2]);
  expect(calls.every((each) => isChild(each, boss))).toBe(true);
  expect(boss.events.map(({ name }) => name)).toEqual(["retry"]);

  asked = 0;
  expect(await mesh.settle(app.call("flaky", 1, { retry: 2, idempotent: true }))).toBe("well");
  const kept = spans.one("call flaky");
  const own = spans.named("flaky", SpanKind.CLIENT);
  expect(own.map(({ attributes }) => attributes["shoal.trial"])).toEqual([1, 2]);
  expect(own.every((each) => isChild(each, kept))).toBe(true);
});

test("bad options leave no span open, and a trace that the caller names is the call's", async () => {
  spans = new RecordedSpans();
  await using mesh = new InProcessMesh();
  await mesh.serve(one("echo", (input) => input));
  const app = await mesh.member();
  await app.call("echo", 1, { priority: "urgent" as "high" }).catch(() => {});
  expect(spans.all).toEqual([]);
  const given = { traceId: "c".repeat(32), spanId: "d".repeat(16), sampled: true, state: "us=1" };
  await inSpan("app", () => app.call("echo", 1, { trace: given }));
  const call = spans.one("echo", SpanKind.CLIENT);
  expect(call.spanContext().traceId).toBe(given.traceId);
  expect(call.parentSpanContext?.spanId).toBe(given.spanId);
  expect(spans.one("echo.run", SpanKind.SERVER).spanContext().traceState?.serialize()).toBe("us=1");
});
