import { expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import type { Context } from "../../../src/contract/context.ts";
import { MeshError } from "../../../src/errors.ts";
import type { MeshClient } from "../../../src/client.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";
import type { TraceRecord } from "../../../src/tracing/record.ts";

const any = z.unknown();
const one = (name: string, run: (input: unknown, ctx: Context) => unknown) =>
  defineAgent({
    name,
    version: "1.0.0",
    methods: { run: { input: any, output: any, idempotent: true, run } },
  });

async function records(
  mesh: InProcessMesh,
  app: MeshClient,
  fields: Readonly<Record<string, unknown>>,
): Promise<TraceRecord[]> {
  const answers = await mesh.settle(app.nodes.askAll({ op: "trace", ...fields }));
  return answers.flatMap((answer) => answer["records"] as TraceRecord[]);
}

test("a request is found by its id, its trace, and what either begins with; what it caused names it", async () => {
  await using mesh = new InProcessMesh();
  await mesh.serve(one("outer", (input, ctx) => ctx.call("inner", input)));
  await mesh.serve(one("inner", (input) => input));
  const app = await mesh.member();
  let id = "";
  await app.call("outer", 1, { onServed: ({ request }) => (id = request) });
  const named = await records(mesh, app, { request: id });
  const outer = named.find((each) => each.kind === "request" && each.id === id);
  expect(outer).toMatchObject({
    kind: "request",
    id,
    trace: id,
    target: "outer.run",
    outcome: "ok",
    attempt: 1,
  });
  expect(outer?.parent).toBeUndefined();
  expect(await records(mesh, app, { request: id.slice(0, 28) })).toEqual(
    expect.arrayContaining([expect.objectContaining({ id })]),
  );
  const all = await records(mesh, app, { trace: id });
  const inner = all.find((each) => each.kind === "request" && each.target === "inner.run");
  expect(inner?.parent).toBe(outer?.kind === "request" ? outer.span : "");
  expect(await records(mesh, app, { request: "0000" })).toEqual([]);
});

test("what runs, and what waits, is found while it does", async () => {
  await using mesh = new InProcessMesh();
  let finish = (): void => {};
  await mesh.serve(one("slow", () => new Promise<null>((resolve) => (finish = () => resolve(null)))));
  const app = await mesh.member();
  const calls = [1, 2].map((n) => app.call("slow", n, { timeout: "20s" }));
  await mesh.advance(300);
  const found = await records(mesh, app, { agent: "slow" });
  const outcomes = found.map((each) => (each.kind === "request" ? each.outcome : ""));
  expect(outcomes.toSorted()).toEqual(["running", "waiting"]);
  const running = found.find((each) => each.kind === "request" && each.outcome === "running");
  expect(running?.kind === "request" && running.ranMs).toBeGreaterThanOrEqual(300);
  for (const _call of calls) {
    finish();
    await mesh.advance(20);
  }
  await mesh.settle(Promise.all(calls));
});

test("failed and slow ones are found apart, and a limit that makes no sense is told", async () => {
  await using mesh = new InProcessMesh();
  await mesh.serve(
    one("fickle", (input) => {
      if (input === "bad") throw new MeshError("conflict", "no.");
      return input;
    }),
  );
  const member = await mesh.member();
  await member.call("fickle", "bad").catch(() => {});
  await member.call("fickle", "good");
  const failed = await records(mesh, member, { failed: true });
  expect(failed.map((each) => each.kind === "request" && each.outcome)).toEqual(["conflict"]);
  expect(await records(mesh, member, { slow: true })).toEqual([]);
  const [name = ""] = await mesh.settle(member.nodes.names());
  const asked = mesh.settle(member.nodes.ask(name, { op: "trace", limit: 0 }));
  await expect(asked).rejects.toMatchObject({ code: "bad_request" });
});

test("an attempt that was lost with its replica is remembered by the node that made it", async () => {
  await using mesh = new InProcessMesh();
  const held: string[] = [];
  const agent = one("slow", (_input, { request }) => {
    held.push(request.replica);
    return held.length === 1 ? new Promise(() => {}) : "done";
  });
  await mesh.serve(agent);
  await mesh.serve(agent);
  await mesh.serve(one("outer", (input, ctx) => ctx.call("slow", input, { idempotent: true })));
  const app = await mesh.member();
  let id = "";
  const call = app.call("outer", 1, { timeout: "60s", onServed: ({ request }) => (id = request) });
  await mesh.advance(100);
  await mesh.kill(held[0]!);
  expect(await mesh.settle(call, "30s")).toBe("done");
  const all = await records(mesh, app, { trace: id });
  const attempt = all.find(({ kind }) => kind === "attempt");
  expect(attempt).toMatchObject({
    target: "slow",
    replica: held[0],
    attempt: 1,
    again: true,
    outcome: "replica_lost",
    parent: id.slice(16),
  });
  const again = all.find((each) => each.kind === "request" && each.target === "slow.run");
  expect(again).toMatchObject({ attempt: 2, replica: held[1], outcome: "ok", parent: id.slice(16) });
});

test("a handler's own spans are remembered, with how they ended", async () => {
  await using mesh = new InProcessMesh();
  await mesh.serve(
    one("busy", (_input, ctx) => {
      const span = ctx.span("look up", { fields: { words: 2 } });
      span.set({ hits: 3 });
      expect(span.within(() => 7)).toBe(7);
      span.end(new MeshError("timeout", "too late."));
      span.end();
      return null;
    }),
  );
  const app = await mesh.member();
  let id = "";
  await app.call("busy", 1, { onServed: ({ request }) => (id = request) });
  const span = (await records(mesh, app, { trace: id })).find(({ kind }) => kind === "span");
  expect(span).toMatchObject({
    name: "look up",
    outcome: "timeout",
    message: "too late.",
    fields: { words: 2, hits: 3 },
    parent: id.slice(16),
  });
});
