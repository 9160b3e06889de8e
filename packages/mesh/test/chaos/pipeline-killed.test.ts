import { afterAll, beforeEach, expect, test } from "vitest";
import type { Mesh } from "../../src/index.ts";
import { mesh } from "../support/chaos-mesh.ts";
import { MemberPool } from "../support/member-pool.ts";
import { startNatsServer } from "../../src/testing/nats-server.ts";

/** A pipeline in two processes, and what its stages ask in two others. */
const server = await startNatsServer({ jetstream: true });
afterAll(() => server.stop());
let client: Mesh;
const chain = MemberPool.ofFile(["chain", "tasks"], 2, server.url);
const job = MemberPool.ofFile("job", 2, server.url);

beforeEach(async () => {
  client = await mesh(server.url);
});

const run = (n: number): Promise<unknown> =>
  client.call("chain", { n, ms: 300 }, { timeout: "20s", idempotent: true });

test("P4: when the process of a stage dies that stage is done again, and no other", async () => {
  const running = run(1);
  (await job.firstToBegin()).kill();
  expect(await running).toBe(2);
  expect(chain.runs).toHaveLength(1);
  // The first one twice, the second once.
  expect(job.runs).toHaveLength(3);
});

test("P4: when the pipeline's own process dies it is run again by another, and ends once", async () => {
  const running = run(5);
  await job.firstToBegin();
  (await chain.firstToBegin()).kill();
  expect(await running).toBe(6);
  expect(chain.runs).toHaveLength(2);
});

test("J6: a pipeline that was submitted as a task survives its process", async () => {
  const ticket = await client.submit("chain", { n: 7, ms: 300 });
  await job.firstToBegin();
  (await chain.firstToBegin()).kill();
  expect(await ticket.result({ timeout: "20s" })).toBe(8);
  expect((await ticket.status()).attempts.length).toBeGreaterThanOrEqual(1);
  expect(chain.runs).toHaveLength(2);
}, 30_000);
