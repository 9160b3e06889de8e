import * as fc from "fast-check";
import { type Clock, type Mesh, type MeshClient, MeshError, defineAgent, systemClock } from "@shoal/mesh";
import { InProcessMesh } from "@shoal/mesh/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { defineMetrics } from "../../../src/metrics/define-metrics.ts";
import type { AgentReport, MetricsReport } from "../../../src/metrics/report.ts";

const TELLS = { stats: {} };

let mesh: InProcessMesh;
let app: Mesh;

beforeEach(async () => {
  mesh = new InProcessMesh();
  app = await mesh.member();
});

afterEach(() => mesh.close());

/** Takes as long as it is told, and ends as it is told. */
const worker = (name = "worker") =>
  defineAgent({
    name,
    version: "1.0.0",
    concurrency: 4,
    state: (): Clock => systemClock,
    onStart: (ctx) => {
      ctx.state = ctx.port.clock;
    },
    methods: {
      work: {
        input: z.object({ ms: z.number(), code: z.string().optional() }),
        run: async ({ ms, code }, { state }) => {
          await new Promise<void>((resolve) => state.after(ms, resolve));
          if (code !== undefined) throw new MeshError(code as "conflict", "as asked.");
        },
      },
      other: { input: z.unknown(), run: () => 1 },
    },
  });

async function read(query: object = {}, from: MeshClient = app): Promise<MetricsReport> {
  return (await mesh.settle(from.call("metrics.read", query))) as MetricsReport;
}

async function agentIn(name: string, query: object = {}): Promise<AgentReport> {
  const { agents } = await read(query);
  return agents.find(({ agent }) => agent === name) as AgentReport;
}

function ask(ms: number, code?: string): Promise<unknown> {
  return app
    .call("worker.work", { ms, code }, { timeout: "20s", retry: false } as object)
    .catch((error: unknown) => error);
}

test("figures are told by agent, and where nothing has been everything is null", async () => {
  await mesh.serve(defineMetrics(), TELLS);
  await mesh.serve(worker(), TELLS);
  await mesh.serve(worker(), TELLS);
  await mesh.advance(2_100);
  const idle = await agentIn("worker");
  expect(idle).toMatchObject({ replicas: 2, nodes: 2, now: { slots: 8, running: 0 }, ended: 0, cache: null });
  expect(idle.running).toMatchObject({ count: 0, meanMs: null, p50Ms: null, p999Ms: null });
  expect(idle.perSecond.ended).toEqual({ "1s": null, "1m": null, "5m": null });
  const asked = Promise.all([ask(100), ask(100), ask(300), ask(100, "conflict"), ask(9_000)]);
  await mesh.advance(3_000);
  expect(await agentIn("worker")).toMatchObject({
    now: { running: 1 },
    ended: 4,
    ok: 3,
    failed: 1,
    errors: { conflict: 1 },
    running: { count: 4, minMs: 100, maxMs: 300 },
  });
  await mesh.settle(asked, "30s");
});

test("a node that has nothing to tell grows older all the same", async () => {
  await mesh.serve(defineMetrics(), TELLS);
  const node = await mesh.member(TELLS);
  await node.serve(worker());
  await mesh.advance(1_500);
  const upMs = async (): Promise<number> =>
    (await read({ node: node.node })).nodes.find((each) => each.node === node.node)?.uptimeMs ?? 0;
  const before = await upMs();
  await mesh.advance(2_000);
  expect(Math.abs((await upMs()) - before - 2_000)).toBeLessThan(100);
});

test("an answer has only what is asked for", async () => {
  await mesh.serve(defineMetrics(), TELLS);
  const node = await mesh.member({ ...TELLS, node: "left" });
  await node.serve(worker());
  await mesh.serve(worker(), { ...TELLS, node: "right" });
  await mesh.serve(worker("second"), TELLS);
  const calls = [1, 2, 3, 4, 5, 6].map((n) => app.call("worker.work", { ms: n }));
  await mesh.settle(Promise.all([...calls, app.call("worker.other", 1), app.call("second.other", 1)]));
  await mesh.advance(1_100);
  const { agents, nodes } = await read({ agent: "worker" });
  expect(agents).toMatchObject([
    {
      agent: "worker",
      ended: 7,
      byMethod: [
        { method: "work", ended: 6 },
        { method: "other", ended: 1 },
      ],
    },
  ]);
  expect(nodes).toHaveLength(2);
  const [left] = (await read({ agent: "worker", node: "left" })).agents;
  const [replica] = left?.byReplica ?? [];
  expect(replica).toMatchObject({ node: node.node, replica: `${node.node}-1`, ended: left?.ended });
  expect((await read({ replica: replica?.replica })).agents).toMatchObject([
    { agent: "worker", ended: left?.ended },
  ]);
  expect((await read({ method: "other" })).agents.map(({ agent, ended }) => [agent, ended])).toEqual([
    ["second", 1],
    ["worker", 1],
  ]);
  expect(await read({ agent: "nobody" })).toEqual({ agents: [], nodes: [] });
  await expect(read({ agnet: "worker" })).rejects.toMatchObject({
    code: "bad_request",
    message: expect.stringContaining("agnet") as string,
  });
});

test("a stream tells the same each second, as often as it is asked to", async () => {
  await mesh.serve(defineMetrics(), TELLS);
  await mesh.serve(worker(), TELLS);
  await mesh.advance(1_100);
  const all: MetricsReport[] = [];
  const watching = (async () => {
    for await (const each of app.stream("metrics.watch", { agent: "worker", count: 3 }))
      all.push(each as MetricsReport);
  })();
  const asked = ask(100);
  await mesh.settle(watching);
  await asked;
  expect(all.map(({ agents }) => agents[0]?.ended)).toEqual([0, expect.any(Number), 1]);
});

test("an empty text asks for everything, and the answer is JSON without anything that is none", async () => {
  await mesh.serve(defineMetrics(), TELLS);
  const caller = mesh.outsider();
  const answers: string[] = [];
  caller.subscribe("answers", ({ payload }) => answers.push(Buffer.from(payload).toString()));
  for (const payload of ["", "{}", '{"agent":"metrics"}'])
    caller.publish("mesh.metrics", Buffer.from(payload), { reply: "answers" });
  await mesh.advance(1_000);
  expect(answers).toHaveLength(3);
  for (const answer of answers) {
    expect(answer).not.toMatch(/NaN|Infinity/);
    expect(JSON.parse(answer)).toMatchObject({ agents: expect.any(Array) as unknown[] });
  }
});

test("ME6: what a node has told stays counted when it is killed, and what it was doing goes", async () => {
  await mesh.serve(defineMetrics(), TELLS);
  const node = await mesh.member(TELLS);
  await node.serve(worker());
  const other = await mesh.member(TELLS);
  await mesh.settle(Promise.all([ask(10), ask(20)]));
  await other.serve(worker());
  const lost = ask(60_000);
  void lost;
  await mesh.advance(1_500);
  expect(await agentIn("worker")).toMatchObject({ replicas: 2, ended: 2, now: { running: 1 } });
  await mesh.kill(node);
  await mesh.kill(other);
  await mesh.advance(8_000);
  const { agents, nodes } = await read();
  expect(agents.find(({ agent }) => agent === "worker")).toMatchObject({
    replicas: 0,
    nodes: 0,
    now: null,
    ended: 2,
    ok: 2,
  });
  expect(nodes).toHaveLength(1);
});

test("replicas of nodes that are gone are told as one, unless one of them is asked for", async () => {
  await mesh.serve(defineMetrics(), TELLS);
  const node = await mesh.member(TELLS);
  const hostings = [await node.serve(worker()), await node.serve(worker()), await node.serve(worker())];
  await mesh.settle(Promise.all([1, 2, 3, 4, 5, 6].map((ms) => ask(ms))));
  await mesh.advance(1_500);
  expect((await agentIn("worker", { agent: "worker" })).byReplica).toHaveLength(3);
  await mesh.kill(node);
  await mesh.advance(8_000);
  expect((await agentIn("worker", { agent: "worker" })).byReplica).toMatchObject([
    { node: "gone", replica: "gone", now: null, ended: 6, running: { count: 6, maxMs: 10 } },
  ]);
  expect((await agentIn("worker", { agent: "worker", node: node.node })).byReplica).toMatchObject([
    { node: node.node, replica: "gone", now: null, ended: 6, running: { count: 6, maxMs: 10 } },
  ]);
  const replica = hostings[0]?.id;
  const { byReplica } = await agentIn("worker", { agent: "worker", replica });
  expect(byReplica).toMatchObject([{ node: node.node, replica, now: null }]);
});

test("ME6: nodes that were taken to be gone, and come back, count once", async () => {
  await mesh.serve(defineMetrics(), TELLS);
  const [lost, dead] = [await mesh.join(TELLS), await mesh.member(TELLS)];
  await lost.mesh.serve(worker());
  await dead.serve(worker());
  await mesh.settle(Promise.all([1, 2, 3, 4, 5, 6].map((ms) => ask(ms))));
  await mesh.advance(1_500);
  await mesh.kill(dead);
  const figures = /^(mesh\._\.stats\.|_INBOX)/;
  for (const asked of [7, 8]) {
    lost.transport.onPublish = ({ subject }) => !figures.test(subject);
    await mesh.advance(20_000);
    expect(await agentIn("worker")).toMatchObject({ replicas: 0, ended: asked - 1 });
    lost.transport.onPublish = () => true;
    await mesh.settle(ask(asked));
    await mesh.advance(3_000);
    expect(await agentIn("worker")).toMatchObject({ replicas: 1, ended: asked, running: { count: asked } });
  }
});

test("ME6: a node that drains is counted whole, and its replicas are gone at once", async () => {
  await mesh.serve(defineMetrics(), TELLS);
  const node = await mesh.member(TELLS);
  await node.serve(worker());
  await mesh.settle(Promise.all([ask(10), ask(20), ask(30)]));
  await mesh.settle(node.close());
  expect(await agentIn("worker")).toMatchObject({ replicas: 0, now: null, ended: 3, ok: 3 });
});

test("ME7: of many nodes that have come and gone only sums are kept", async () => {
  const hosting = await mesh.serve(defineMetrics(), TELLS);
  for (let i = 0; i < 270; i++) {
    const node = await mesh.member(TELLS);
    await node.serve(worker());
    await mesh.settle(app.call("worker.other", i));
    await mesh.settle(node.close());
  }
  await mesh.advance(2_000);
  const report = await agentIn("worker", { agent: "worker" });
  expect(report).toMatchObject({ ended: 270, replicas: 0 });
  expect(report.byReplica).toMatchObject([{ node: "gone", ended: 270 }]);
  await mesh.settle(hosting.stop());
}, 30_000);

test("ME9: nodes that could not be heard while the connection was down are not taken to be gone", async () => {
  const { mesh: watcher, transport } = await mesh.join(TELLS);
  await watcher.serve(defineMetrics());
  let isDown = false;
  for (let i = 0; i < 270; i++) {
    const node = await mesh.join(TELLS);
    node.transport.onPublish = ({ subject }) => !(isDown && subject.startsWith("mesh._.stats."));
    await node.mesh.serve(worker());
  }
  await mesh.advance(1_500);
  expect(await agentIn("worker")).toMatchObject({ replicas: 270 });
  isDown = true;
  transport.become("disconnected");
  await mesh.advance(20_000);
  transport.become("connected");
  isDown = false;
  await mesh.advance(6_000);
  expect(await agentIn("worker")).toMatchObject({ replicas: 270 });
}, 30_000);

test("a metrics agent that begins anew is right within two intervals, and two of them know the same", async () => {
  const first = await mesh.serve(defineMetrics(), TELLS);
  await mesh.serve(worker(), TELLS);
  await mesh.settle(Promise.all([ask(10), ask(20), ask(30)]));
  await mesh.advance(10_000);
  await mesh.settle(first.stop());
  await expect(read()).rejects.toMatchObject({ code: "unavailable" });
  await mesh.settle(ask(40));
  await mesh.serve(defineMetrics(), TELLS);
  await mesh.serve(defineMetrics(), TELLS);
  await mesh.advance(2_000);
  for (let i = 0; i < 8; i++)
    expect(await agentIn("worker")).toMatchObject({ ended: 4, running: { count: 4, maxMs: 40 } });
  const { perSecond } = await agentIn("worker");
  expect(perSecond.ended["1s"]).toBe(0);
});

const request = fc.record({
  ms: fc.integer({ min: 1, max: 400 }),
  code: fc.constantFrom(undefined, "conflict", "internal"),
});
const turn = fc.record({
  requests: fc.array(request, { maxLength: 6 }),
  passesMs: fc.integer({ min: 0, max: 2_500 }),
  fault: fc.constantFrom("none", "lost", "twice", "late"),
  event: fc.constantFrom("none", "none", "kill", "join", "renew"),
});

test("counts, means and percentiles agree with a ledger, across killed nodes, lost messages and a metrics agent that begins anew", async () => {
  const run = fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 8 }), async (turns) => {
    mesh = new InProcessMesh();
    app = await mesh.member();
    let metrics = await mesh.serve(defineMetrics(), TELLS);
    const outsider = mesh.outsider();
    let fault = "none";
    const joined = async (): Promise<Mesh> => {
      const { mesh: node, transport } = await mesh.join(TELLS);
      transport.onPublish = ({ subject, payload }) => {
        if (!subject.startsWith("mesh._.stats.")) return true;
        const again = (): void => outsider.publish(subject, Uint8Array.from(payload));
        if (fault === "twice") again();
        if (fault === "late") late.push(again);
        return fault !== "lost";
      };
      await node.serve(worker());
      return node;
    };
    const late: (() => void)[] = [];
    let node = await joined();
    const took: number[] = [];
    const ends: Record<string, number> = {};
    for (const { requests, passesMs, event, ...befalls } of turns) {
      ({ fault } = befalls);
      for (const again of late.splice(0)) again();
      await mesh.settle(
        Promise.all(
          requests.map(async ({ ms, code }) => {
            await ask(ms, code);
            took.push(ms);
            ends[code ?? "ok"] = (ends[code ?? "ok"] ?? 0) + 1;
          }),
        ),
      );
      await mesh.advance(passesMs);
      // What has ended since its last word that was heard is lost with a node: one is heard in five intervals.
      if (event === "kill") {
        fault = "none";
        await mesh.advance(5_500);
        await mesh.kill(node);
      }
      if (event === "kill" || event === "join") {
        node = await joined();
      }
      if (event === "renew") {
        // It is the only one who knows of nodes that are gone.
        if (turns.some((each) => each.event === "kill")) continue;
        await mesh.settle(metrics.stop());
        metrics = await mesh.serve(defineMetrics(), TELLS);
      }
    }
    fault = "none";
    await mesh.advance(7_000);
    const { ok, failed, errors, running } = (await agentIn("worker")) ?? {};
    expect(ok ?? 0).toBe(ends["ok"] ?? 0);
    expect(errors ?? {}).toEqual(Object.fromEntries(Object.entries(ends).filter(([code]) => code !== "ok")));
    expect(failed ?? 0).toBe(took.length - (ends["ok"] ?? 0));
    // Time goes in steps of 5 ms.
    const real = took.map((ms) => Math.ceil(ms / 5) * 5).toSorted((a, b) => a - b);
    const at = (q: number): number | null => real[Math.floor(q * (real.length - 1))] ?? null;
    expect(running?.count).toBe(real.length);
    for (const [q, told] of [
      [0.5, running?.p50Ms],
      [0.9, running?.p90Ms],
      [0.99, running?.p99Ms],
    ] as const)
      expect(Math.abs((told ?? 0) - (at(q) ?? 0))).toBeLessThanOrEqual(0.011 * (at(q) ?? 0) + 5);
    const mean = real.reduce((sum, ms) => sum + ms, 0) / Math.max(1, real.length);
    expect(Math.abs((running?.meanMs ?? 0) - mean)).toBeLessThanOrEqual(5);
    await mesh.close();
  });
  await fc.assert(run, { numRuns: 20, endOnFailure: true });
  mesh = new InProcessMesh();
}, 30_000);
