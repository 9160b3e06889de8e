import { afterAll, beforeEach, expect, test } from "vitest";
import type { Mesh } from "../../src/index.ts";
import { relay } from "../support/chaos-agents.ts";
import { accepted, mesh, numbers } from "../support/chaos-mesh.ts";
import { MemberPool } from "../support/member-pool.ts";
import { startNatsServer } from "../../src/testing/nats-server.ts";

/** A caller asks `relay`, which asks `job`; each has two nodes of its own. */
const server = await startNatsServer();
afterAll(() => server.stop());
let client: Mesh;
const outer = MemberPool.ofFile("relay", 2, server.url);
const inner = MemberPool.ofFile("job", 2, server.url);

beforeEach(async () => {
  client = await mesh(server.url);
});

test("P4: when the inner node dies the inner call goes to another, and the outer one never knows", async () => {
  const call = client.agent(relay).work({ n: 7, ms: 300 }, { timeout: "20s" });
  (await inner.firstToBegin()).kill();
  expect(await call).toMatchObject({ n: 7 });
  expect([outer.runs.length, inner.runs.length]).toEqual([1, 2]);
});

test("P4: inner work that may not be repeated ends as replica_lost, which the outer caller is told", async () => {
  const held = await accepted(server.url);
  const call = client.agent(relay).pay({ n: 7, ms: 500 }, { timeout: "20s" });
  call.catch(() => {});
  await held(2);
  (await inner.firstToBegin()).kill();
  const message = expect.stringMatching(/which held job\.pay, has died: the outcome is unknown/) as string;
  await expect(call).rejects.toMatchObject({ code: "replica_lost", message });
  expect([outer.runs.length, inner.runs.length]).toEqual([1, 1]);
});

test("P4: when the outer node dies the whole is done again elsewhere, and ends once", async () => {
  const call = client.agent(relay).work({ n: 7, ms: 300 }, { timeout: "20s" });
  await inner.firstToBegin();
  (await outer.firstToBegin()).kill();
  expect(await call).toMatchObject({ n: 7 });
  expect(outer.runs).toHaveLength(2);
});

test("P4: outer work that may not be repeated ends as replica_lost", async () => {
  const held = await accepted(server.url);
  const call = client.agent(relay).pay({ n: 7, ms: 500 }, { timeout: "20s" });
  call.catch(() => {});
  await held(2);
  (await outer.firstToBegin()).kill();
  const message = expect.stringMatching(/which held relay\.pay, has died/) as string;
  await expect(call).rejects.toMatchObject({ code: "replica_lost", message });
  expect([outer.runs.length, inner.runs.length]).toEqual([1, 1]);
});

test("P4, S1: a stream through a relay survives the death of either, without a gap or a repeat", async () => {
  const got: number[] = [];
  for await (const n of client.agent(relay).recite({ to: 60, ms: 10 }, { timeout: "20s" })) {
    got.push(n);
    if (n === 10) (await inner.firstToBegin()).kill();
    if (n === 30) (await outer.firstToBegin()).kill();
  }
  expect(got).toEqual(numbers(60));
});
