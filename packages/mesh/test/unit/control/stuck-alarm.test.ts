import { expect, test } from "vitest";
import { z } from "zod";
import type { Clock } from "../../../src/clock.ts";
import { defineAgent } from "../../../src/contract/agent.ts";
import { stuckAfterMs, stuckPolicyOf } from "../../../src/control/stuck-policy.ts";
import { type Mesh, connect } from "../../../src/mesh.ts";
import type { MeshOptions } from "../../../src/mesh-options.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";

/** Takes as many milliseconds as it is told. */
const workerOn = (clock: Clock) =>
  defineAgent({
    name: "worker",
    version: "1.0.0",
    concurrency: 10,
    methods: {
      work: {
        input: z.int(),
        run: (ms, { signal }) =>
          new Promise<void>((resolve) => {
            const stop = clock.after(ms, resolve);
            signal.addEventListener("abort", () => {
              stop();
              resolve();
            });
          }),
      },
      /** A chunk each second, so many times; then none for a minute. */
      stream: {
        input: z.int(),
        chunk: z.int(),
        timeout: "1h",
        async *run(times) {
          for (let n = 0; n < times; n++) {
            yield n;
            await new Promise<void>((resolve) => clock.after(n + 1 < times ? 1_000 : 60_000, resolve));
          }
        },
      },
    },
  });

interface Told {
  readonly kind: string;
  readonly [field: string]: unknown;
}

async function watched(mesh: InProcessMesh, options: MeshOptions = {}) {
  const told: Told[] = [];
  const person = mesh.outsider();
  person.subscribe("mesh._.event.*.worker", ({ payload }) => {
    const event = JSON.parse(Buffer.from(payload).toString()) as Told;
    if (event.kind.endsWith("stuck")) told.push(event);
  });
  const member = await mesh.member({ node: "one", ...options });
  await member.serve(workerOn(mesh.clock));
  const app = await mesh.member();
  return { told, member, app };
}

async function run(mesh: InProcessMesh, app: Mesh, ms: number, times: number): Promise<void> {
  const calls = Array.from({ length: times }, () => app.call("worker.work", ms, { timeout: "1h" }));
  await mesh.settle(Promise.all(calls), "1h");
}

test("IN4: a stream is stuck when it does not go on, and not because it is long", async () => {
  await using mesh = new InProcessMesh();
  const { told, app } = await watched(mesh, { stuck: { runs: 1 } });
  const streamed = async (times: number): Promise<void> => {
    for await (const _ of app.stream("worker.stream", times, { timeout: "1h" })) void _;
  };
  await mesh.settle(streamed(0));
  const long = streamed(30);
  await mesh.advance(29_000);
  expect(told).toEqual([]);
  await mesh.advance(5_000);
  expect(told).toMatchObject([{ kind: "stuck", method: "stream" }]);
  await mesh.settle(long, "2m");
});

test("IN4: a request that runs ten times longer than 99 % do is told once, and so is its end", async () => {
  await using mesh = new InProcessMesh();
  const { told, member, app } = await watched(mesh);
  await run(mesh, app, 200, 100);
  const call = app.call("worker.work", 8_000, { timeout: "1m" });
  await mesh.advance(1_900);
  expect(told).toEqual([]);
  await mesh.advance(2_000);
  const [stuck] = told;
  expect(stuck).toMatchObject({
    kind: "stuck",
    agent: "worker",
    replica: `${member.node}-1`,
    method: "work",
    request: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
  });
  expect(stuck?.["ageMs"]).toBeGreaterThan(2_000);
  expect(stuck?.["p99Ms"]).toBeGreaterThan(180);
  expect(stuck?.["p99Ms"]).toBeLessThan(230);
  const inspected = await mesh.settle(app.nodes.ask(member.node, { op: "inspect" }));
  expect(inspected).toMatchObject({ replicas: [{ oldestRunning: [{ isStuck: true }] }] });
  await mesh.settle(call, "10s");
  await mesh.advance(1_100);
  expect(told.map(({ kind, request }) => [kind, request])).toEqual([
    ["stuck", stuck?.["request"]],
    ["unstuck", stuck?.["request"]],
  ]);
  const warned = mesh.log.lines.filter(({ message }) => message.includes("may be stuck"));
  expect(warned.map(({ level }) => level)).toEqual(["warn"]);
});

test("IN4: one that is given up at its deadline, and whose handler has returned, has ended", async () => {
  await using mesh = new InProcessMesh();
  const { told, app } = await watched(mesh);
  await run(mesh, app, 50, 100);
  const call = app.call("worker.work", 60_000, { timeout: "3s" });
  await expect(mesh.settle(call, "5s")).rejects.toMatchObject({ code: "deadline_exceeded" });
  await mesh.advance(1_100);
  expect(told.map(({ kind }) => kind)).toEqual(["stuck", "unstuck"]);
});

test("nothing is stuck that few know, that is young, or that nobody looks at", async () => {
  await using mesh = new InProcessMesh();
  const few = await watched(mesh);
  await run(mesh, few.app, 10, 99);
  await run(mesh, few.app, 5_000, 1);
  expect(few.told).toEqual([]);
  await run(mesh, few.app, 900, 1);
  expect(few.told).toEqual([]);
  await few.member.close();
  const blind = await watched(mesh, { stuck: false });
  await run(mesh, blind.app, 10, 100);
  await run(mesh, blind.app, 5_000, 1);
  expect(blind.told).toEqual([]);
});

test("IN5: nobody looks while nothing takes long", async () => {
  await using mesh = new InProcessMesh();
  const { app } = await watched(mesh);
  await mesh.advance(2_000);
  const idle = mesh.clock.armed;
  await run(mesh, app, 5, 5);
  await mesh.advance(100);
  expect(mesh.clock.armed).toBe(idle);
  const call = app.call("worker.work", 3_000, { timeout: "1m" });
  await mesh.advance(500);
  expect(mesh.clock.armed).toBeGreaterThan(idle);
  await mesh.settle(call);
  await mesh.advance(2_000);
  expect(mesh.clock.armed).toBe(idle);
});

test("the policy: ten times the p99, a second at least, and a hundred runs", () => {
  const policy = stuckPolicyOf();
  expect(stuckAfterMs(policy, 99, 500)).toBe(Infinity);
  expect(stuckAfterMs(policy, 100, 500)).toBe(5_000);
  expect(stuckAfterMs(policy, 100, 5)).toBe(1_000);
  expect(stuckAfterMs(stuckPolicyOf({ factor: 3, atLeast: "2s", runs: 5 }), 5, 1_000)).toBe(3_000);
});

test.each([{ factor: 1 }, { factor: NaN }, { runs: 0 }, { runs: 1.5 }, { atLeast: "soon" as "1s" }])(
  "a policy that makes no sense is refused before anything is connected: %o",
  async (stuck) => {
    await expect(connect({ stuck, servers: "nats://127.0.0.1:1" })).rejects.toMatchObject({
      code: "bad_request",
    });
  },
);
