import { expect, test } from "vitest";
import { job } from "../support/chaos-agents.ts";
import { mesh, node, numbers, outcomeOf, proxyOf, server } from "../support/chaos-mesh.ts";

test("P2: answers that come after the deadline are for nobody: later calls on the same subjects get their own", async () => {
  const nats = await server();
  const proxy = await proxyOf(nats);
  await node(proxy.url);
  const client = await mesh(nats.url);
  const { work, pay } = client.agent(job);
  // What the node says is on its way for longer than anybody waits.
  proxy.set({ latencyMs: 400 }, "up");
  const impatient = numbers(100).map((n) => outcomeOf((n % 2 ? work : pay)({ n }, { timeout: 100 })));
  expect(new Set(await Promise.all(impatient))).toEqual(new Set(["deadline_exceeded"]));
  proxy.set({ latencyMs: 0 }, "up");
  // They meet the late answers, and keep order with them: each gets its own all the same.
  const patient = numbers(200).map((n) => (n % 2 ? work : pay)({ n: 1_000 + n }, { timeout: 20_000 }));
  expect((await Promise.all(patient)).map(({ n }) => n)).toEqual(numbers(200).map((n) => 1_000 + n));
});

test("P2, P3: so it is with answers to calls that were aborted, and their replicas stop working", async () => {
  const nats = await server();
  const proxy = await proxyOf(nats);
  const { hostings } = await node(proxy.url);
  const client = await mesh(nats.url);
  proxy.set({ latencyMs: 100 });
  const controller = new AbortController();
  const aborted = numbers(20).map((n) =>
    outcomeOf(client.agent(job).work({ n, ms: 50 }, { signal: controller.signal })),
  );
  await expect.poll(() => hostings.some(({ load }) => load.running > 0)).toBe(true);
  controller.abort();
  expect(new Set(await Promise.all(aborted))).toEqual(new Set(["cancelled"]));
  const next = numbers(20).map((n) => client.agent(job).work({ n: 50 + n }));
  expect((await Promise.all(next)).map(({ n }) => n)).toEqual(numbers(20).map((n) => 50 + n));
  await expect.poll(() => hostings.every(({ load }) => load.running === 0)).toBe(true);
});
