import { expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import type { NodeInspection } from "../../../src/control/inspection.ts";
import type { Mesh } from "../../../src/mesh.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";

function holding() {
  const gates: (() => void)[] = [];
  const agent = defineAgent({
    name: "slow",
    version: "2.1.0",
    concurrency: 2,
    mailbox: 50,
    state: () => ({ served: 0 }),
    inspect: (state) => ({ served: state.served }),
    methods: {
      work: {
        input: z.unknown(),
        async run(_input, { state }) {
          await new Promise<void>((resolve) => gates.push(resolve));
          state.served++;
        },
      },
    },
  });
  return { agent, open: () => gates.splice(0).forEach((each) => each()) };
}

async function inspected(
  mesh: InProcessMesh,
  { nodes }: Mesh,
  node: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<NodeInspection> {
  const answer: object = await mesh.settle(nodes.ask(node, { op: "inspect", ...more }));
  return answer as NodeInspection;
}

test("what runs and what waits is told, the oldest first, and no more than was asked for", async () => {
  await using mesh = new InProcessMesh();
  const { agent, open } = holding();
  const member = await mesh.member({ node: "one" });
  await member.serve(agent);
  const app = await mesh.member();
  const calls = [];
  for (let i = 0; i < 6; i++) {
    calls.push(app.call("slow.work", i, { timeout: "1m" }));
    await mesh.advance(100);
  }
  const { replicas, subscriptions, upMs, connection } = await inspected(mesh, app, member.node, { limit: 3 });
  expect([connection, upMs > 500]).toEqual(["connected", true]);
  expect(subscriptions).toContainEqual({ subject: "mesh.slow", queue: "pool" });
  const [replica] = replicas;
  expect(replica).toMatchObject({
    replica: `${member.node}-1`,
    agent: "slow",
    version: "2.1.0",
    phase: "serving",
    restarts: 0,
    slots: 2,
    running: 2,
    waiting: 4,
    awaiting: 0,
    mailbox: { capacity: 50 },
    status: { served: 0 },
  });
  const { oldestRunning, oldestWaiting } = replica!;
  expect(oldestRunning.map(({ ageMs }) => Math.floor(ageMs / 100))).toEqual([6, 5]);
  expect(oldestWaiting.map(({ ageMs }) => Math.floor(ageMs / 100))).toEqual([4, 3, 2]);
  expect(oldestWaiting[0]).toMatchObject({
    request: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    method: "work",
    hasEnded: false,
  });
  for (let round = 0; round < 3; round++) {
    open();
    await mesh.advance(10);
  }
  await mesh.settle(Promise.all(calls));
});

test("a handler that runs on after its request has ended is told as such", async () => {
  await using mesh = new InProcessMesh();
  const { agent, open } = holding();
  const member = await mesh.member({ node: "one" });
  await member.serve(agent);
  const app = await mesh.member();
  await expect(mesh.settle(app.call("slow.work", 1, { timeout: "200ms" }))).rejects.toMatchObject({
    code: "deadline_exceeded",
  });
  const { replicas } = await inspected(mesh, app, "one");
  expect(replicas[0]?.oldestRunning).toMatchObject([{ hasEnded: true, remainingMs: 0 }]);
  open();
});

test("a replica is told of while it starts and while it drains, and not when it is gone", async () => {
  await using mesh = new InProcessMesh();
  const { agent, open } = holding();
  let begin = (): void => {};
  const late = defineAgent({
    name: "late",
    version: "1.0.0",
    onStart: () => new Promise<void>((resolve) => (begin = resolve)),
    methods: { say: { input: z.string(), run: (text) => text } },
  });
  const member = await mesh.member({ node: "one" });
  await member.serve(agent);
  const started = member.serve(late);
  await mesh.advance(50);
  const app = await mesh.member();
  const phases = async () =>
    (await inspected(mesh, app, "one")).replicas.map(({ agent: name, phase }) => [name, phase]);
  expect(await phases()).toEqual([
    ["slow", "serving"],
    ["late", "starting"],
  ]);
  begin();
  await mesh.settle(started);
  const call = app.call("slow.work", 1, { timeout: "1m" });
  await mesh.advance(50);
  const drained = member.drain();
  await mesh.advance(50);
  expect(await phases()).toContainEqual(["slow", "draining"]);
  open();
  await mesh.settle(Promise.all([call, drained]));
  expect(await phases()).toEqual([]);
});

test("an inspect hook that throws keeps nothing else from being told", async () => {
  await using mesh = new InProcessMesh();
  const odd = defineAgent({
    name: "odd",
    version: "1.0.0",
    inspect: () => {
      throw new Error("no view");
    },
    methods: { say: { input: z.string(), run: (text) => text } },
  });
  const member = await mesh.member({ node: "one" });
  await member.serve(odd);
  const { replicas } = await inspected(mesh, member, "one", { agent: "odd" });
  expect(replicas).toMatchObject([{ agent: "odd", status: { error: "its inspect hook failed: no view" } }]);
});
