import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeEach, expect, test } from "vitest";
import type { Mesh } from "../../src/index.ts";
import { clerk } from "../support/chaos-agents.ts";
import { mesh, numbers, outcomeOf } from "../support/chaos-mesh.ts";
import { MemberPool } from "../support/member-pool.ts";
import { MemberProcess } from "../support/member-process.ts";
import type { Transport } from "../../src/transport/transport.ts";
import { startNatsServer } from "../../src/testing/nats-server.ts";

const server = await startNatsServer();
afterAll(() => server.stop());
let client: Mesh;
const pool = MemberPool.ofFile("clerk", 3, server.url);

beforeEach(async () => {
  client = await mesh(server.url);
  // Each learns what its work takes: 20 ms.
  await Promise.all(numbers(30).map((n) => client.agent(clerk).work({ n, ms: 20 })));
  for (const each of pool.members) each.forgetRuns();
});

/** Sends in bursts that no replica can take alone: most of each moves. */
async function inBursts<T>(count: number, send: (n: number) => Promise<T>): Promise<Promise<T>[]> {
  const calls: Promise<T>[] = [];
  while (calls.length < count) {
    for (let i = 0; i < 12; i++) calls.push(send(calls.length));
    await delay(45);
  }
  return calls;
}

test("Z1, P4: while requests move from one node to another and nodes are killed, each is answered", async () => {
  const calls = inBursts(600, (n) => client.agent(clerk).work({ n, ms: 20 }, { timeout: "30s" }));
  const first = pool.members.slice();
  for (const victim of first) {
    await delay(300);
    pool.members.push(await MemberProcess.start(server.url, ["clerk"]));
    victim.kill();
  }
  const answers = await Promise.all(await calls);
  expect(answers.map(({ n }) => n)).toEqual(numbers(answers.length));
});

test("Z1: what may not be repeated is begun once, and ends as done or as replica_lost", async () => {
  const calls = inBursts(360, (n) => outcomeOf(client.agent(clerk).pay({ n, ms: 20 }, { timeout: "4s" })));
  await delay(500);
  const [victim] = pool.members;
  victim?.kill();
  const outcomes = await Promise.all(await calls);
  // One of which nobody had said to hold it ends at its deadline.
  expect(["ok", "replica_lost", "deadline_exceeded"]).toEqual(expect.arrayContaining([...new Set(outcomes)]));
  expect(outcomes.filter((each) => each !== "ok").length).toBeLessThan(60);
  const keys = pool.runs.map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
});

test("R2: a node that drains hands over what waits, and nothing of it is lost or begun twice", async () => {
  const calls = inBursts(360, (n) => client.agent(clerk).pay({ n, ms: 20 }, { timeout: "30s" }));
  await delay(400);
  const [leaver] = pool.members;
  const leftAt = performance.now();
  await leaver?.close();
  expect(performance.now() - leftAt).toBeLessThan(2_000);
  const answers = await Promise.all(await calls);
  expect(answers.map(({ n }) => n)).toEqual(numbers(answers.length));
  const keys = pool.runs.map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
});

test("Z2: what was sent without a client finds the free replica too", async () => {
  const held = numbers(4).map((n) => client.agent(clerk).work({ n, ms: 3_000 }, { timeout: "30s" }));
  await expect.poll(() => pool.runs.length).toBe(4);
  const { transport } = client as unknown as {
    transport: Transport;
  };
  const inbox = transport.newInbox();
  const answers: string[] = [];
  transport.subscribe(inbox, ({ payload }) => answers.push(Buffer.from(payload).toString()));
  const sentAt = performance.now();
  for (const n of numbers(20))
    transport.publish("mesh.clerk.work", Buffer.from(`{"n":${n}}`), { reply: inbox });
  await expect.poll(() => answers.length, { timeout: 2_500 }).toBe(20);
  expect(performance.now() - sentAt).toBeLessThan(2_500);
  await Promise.all(held);
});
