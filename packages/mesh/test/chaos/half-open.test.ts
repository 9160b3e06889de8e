import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Mesh } from "../../src/index.ts";
import { job } from "../support/chaos-agents.ts";
import { mesh, node, numbers, outcomeOf, proxyOf, server } from "../support/chaos-mesh.ts";
import type { Direction } from "../../src/testing/fault-proxy.ts";

/** A dead connection is noticed within a second, where that is the point. */
const WATCHFUL = { pingInterval: 300, maxPingOut: 2, timeout: 500 };

/** All of them end by their deadline; nothing is thrown but errors with a code. */
async function endInTime(calls: readonly Promise<unknown>[], timeoutMs: number): Promise<string[]> {
  const startedAt = performance.now();
  const outcomes = await Promise.all(calls.map(outcomeOf));
  expect(performance.now() - startedAt).toBeLessThan(timeoutMs + 1_000);
  return [...new Set(outcomes)].toSorted();
}

function each(client: Mesh, timeout: number): Promise<unknown>[] {
  const { work, pay, recite } = client.agent(job);
  return numbers(5).flatMap((n) => [
    work({ n }, { timeout }),
    pay({ n }, { timeout }),
    recite({ to: 5 }, { timeout }).collect(),
  ]);
}

test.each<Direction>(["up", "down"])(
  "P1, C1: a client whose connection is half-open (%s) hangs nowhere, and goes on when it is whole again",
  async (direction) => {
    const nats = await server();
    const proxy = await proxyOf(nats);
    await node(nats.url);
    const client = await mesh(proxy.url, WATCHFUL);
    proxy.set({ swallows: true }, direction);
    expect(await endInTime(each(client, 1_500), 1_500)).toEqual(["deadline_exceeded"]);
    const patient = each(client, 20_000);
    proxy.heal();
    expect(await endInTime(patient, 20_000)).toEqual(["ok"]);
  },
);

test.each<Direction>(["up", "down"])(
  "P1, P4, L3: work of a node whose connection is half-open (%s) is done elsewhere, and hangs nowhere",
  async (direction) => {
    const nats = await server();
    const proxy = await proxyOf(nats);
    const [bad, good] = [await node(proxy.url), await node(nats.url)];
    const client = await mesh(nats.url);
    const { work, pay, recite } = client.agent(job);
    const held = numbers(30).map((n) => work({ n, ms: 300 }, { timeout: 20_000 }));
    const telling = numbers(4).map(() => recite({ to: 30, ms: 30 }, { timeout: 20_000 }).collect());
    await expect.poll(() => Math.min(bad.runs.length, good.runs.length)).toBeGreaterThan(2);
    proxy.set({ swallows: true }, direction);
    const fresh = numbers(10).map((n) => work({ n }, { timeout: 20_000 }));
    const once = numbers(10).map((n) => pay({ n }, { timeout: 4_000 }));
    const [kept, lost] = await Promise.all([
      endInTime([...held, ...fresh, ...telling], 20_000),
      endInTime(once, 4_000),
    ]);
    expect(kept).toEqual(["ok"]);
    expect(lost).toEqual(["deadline_exceeded", "ok"]);
    for (const told of await Promise.all(telling)) expect(told).toEqual(numbers(30));
    // It would notice by itself after a minute.
    proxy.heal();
  },
);

test("K1: work whose answer a half-open connection swallows is answered from memory; the handler ran once", async () => {
  const nats = await server();
  const proxy = await proxyOf(nats);
  const { runs } = await node(proxy.url, WATCHFUL);
  const client = await mesh(nats.url);
  const calls = numbers(10).map((n) =>
    client.agent(job).work({ n, ms: 200 }, { timeout: 20_000, idempotencyKey: `order-${n}` }),
  );
  await expect.poll(() => runs.length).toBe(10);
  proxy.set({ swallows: true }, "up");
  // The answers leave after 200 ms, and get no further; then NATS finds the connection dead.
  await delay(400);
  proxy.heal();
  expect((await Promise.all(calls)).map(({ n }) => n)).toEqual(numbers(10));
  expect(runs.map(({ key }) => key).toSorted()).toEqual(numbers(10).map((n) => `order-${n}`));
});
