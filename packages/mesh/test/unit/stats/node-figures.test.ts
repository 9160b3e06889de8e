import { expect, test } from "vitest";
import { z } from "zod";
import { MeshError } from "../../../src/errors.ts";
import { defineAgent } from "../../../src/contract/agent.ts";
import { defineSupervisor } from "../../../src/supervisor/supervisor.ts";
import type { ReplicaFigures } from "../../../src/stats/figures.ts";
import type { Mesh } from "../../../src/mesh.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";

const worker = defineAgent({
  name: "worker",
  version: "1.0.0",
  methods: {
    work: {
      input: z.object({ ms: z.number(), fails: z.boolean().default(false) }),
      output: z.string(),
      run: async ({ ms, fails }, ctx) => {
        await new Promise<void>((resolve) => ctx.state.after(ms, resolve));
        if (fails) throw new MeshError("conflict", "as asked.");
        ctx.metadata["usage"] = { model: "fake::one", inputTokens: 7, outputTokens: 3, cost: 0.5 };
        return "done";
      },
    },
  },
  state: () => mesh.clock,
});

let mesh: InProcessMesh;

function only(node: Mesh, agent: string): ReplicaFigures {
  const [found, ...others] = node.figures().replicas.filter((each) => each.agent === agent);
  expect(others).toEqual([]);
  return found as ReplicaFigures;
}

test("a node tells how its requests have ended, how long they ran and waited, and what it is doing", async () => {
  mesh = new InProcessMesh();
  const node = await mesh.member({ node: "n" });
  await node.serve(worker);
  const app = await mesh.member();
  const first = app.call("worker.work", { ms: 100 });
  const second = app.call("worker.work", { ms: 50, fails: true }).catch((error: MeshError) => error.code);
  await mesh.advance(20);
  expect(only(node, "worker")).toMatchObject({
    replica: `${node.node}-1`,
    now: { slots: 1, running: 1, waiting: 1, oldestRunningMs: 15, oldestWaitingMs: 15, sessions: 0 },
    methods: [{ method: "work", ended: 0, running: { minMs: null, meanMs: null, maxMs: null } }],
  });
  await mesh.settle(Promise.all([first, second]));
  const { now, methods } = only(node, "worker");
  expect(now).toMatchObject({ running: 0, waiting: 0, oldestRunningMs: null, oldestWaitingMs: null });
  expect(methods).toMatchObject([
    {
      ended: 2,
      ok: 1,
      degraded: 0,
      errors: { conflict: 1 },
      running: { count: 2, sumMs: 150 },
      waiting: { count: 2, sumMs: 100 },
      cache: null,
      usage: { inputTokens: 7, outputTokens: 3, cost: 0.5 },
    },
  ]);
  await mesh.close();
});

test("ME1: what a replica that has gone has counted stays, once for its agent, and what was read does not change", async () => {
  mesh = new InProcessMesh();
  const node = await mesh.member();
  const [first, second] = [await node.serve(worker), await node.serve(worker)];
  await mesh.settle(Promise.all([5, 10, 15, 20].map((ms) => node.call("worker.work", { ms }))));
  const before = node.figures();
  await mesh.settle(first.stop());
  expect(node.figures().replicas).toMatchObject([{ replica: second.id }, { replica: "gone", now: null }]);
  await mesh.settle(second.stop());
  const [method] = only(node, "worker").methods;
  expect(method).toMatchObject({ ended: 4, ok: 4, running: { count: 4, minMs: 5, maxMs: 20 } });
  await node.serve(worker);
  await mesh.settle(node.call("worker.work", { ms: 9 }));
  expect(before.replicas.flatMap(({ methods }) => methods.map(({ running }) => running.count))).toEqual([
    2, 2,
  ]);
  await mesh.close();
});

test("a supervisor tells of its targets, and an answer that is the next best is counted as one", async () => {
  mesh = new InProcessMesh();
  const supervisor = defineSupervisor({
    name: "chief",
    targets: ["worker", "nobody"],
    contract: { ...worker.contract, name: "chief" },
    retry: false,
    degrade: [{ answer: "later" }],
    clock: mesh.clock,
  });
  const node = await mesh.member();
  await node.serve(supervisor);
  await mesh.settle(node.call("chief.work", { ms: 1 }), "60s");
  const { supervisor: told, methods } = only(node, "chief");
  expect(methods).toMatchObject([{ ended: 1, ok: 0, degraded: 1, errors: {} }]);
  expect(told?.fallbacks).toBe(1);
  expect(told?.targets).toMatchObject([{ agent: "worker", breaker: "closed" }, { agent: "nobody" }]);
  await mesh.close();
});

test("what language models have used is counted where they were asked, and not again at a supervisor", async () => {
  mesh = new InProcessMesh();
  const supervisor = defineSupervisor({
    name: "chief",
    targets: ["worker"],
    contract: { ...worker.contract, name: "chief" },
    clock: mesh.clock,
  });
  const node = await mesh.member();
  await node.serve(worker);
  await node.serve(supervisor);
  await mesh.settle(node.call("chief.work", { ms: 1 }), "60s");
  const used = (agent: string): unknown => only(node, agent).methods[0]?.usage;
  expect(used("worker")).toEqual({ inputTokens: 7, outputTokens: 3, cost: 0.5 });
  expect(used("chief")).toEqual({ inputTokens: 0, outputTokens: 0, cost: 0 });
  await mesh.close();
});
