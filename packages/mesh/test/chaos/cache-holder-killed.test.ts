import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeEach, expect, test } from "vitest";
import type { Mesh, Served } from "../../src/index.ts";
import { model } from "../support/cached-agents.ts";
import { mesh, numbers } from "../support/chaos-mesh.ts";
import { MemberPool } from "../support/member-pool.ts";
import { startNatsServer } from "../../src/testing/nats-server.ts";

const server = await startNatsServer({ jetstream: true });
afterAll(() => server.stop());
const pool = MemberPool.ofFile("model", 4, server.url);
let clients: Mesh[];

beforeEach(async () => {
  clients = await Promise.all(numbers(4).map(() => mesh(server.url)));
});

/** 100 equal calls at once, by four callers with different patience. */
function hundred(q: string, ms: number, served: Served[] = []): Promise<{ by: string }[]> {
  return Promise.all(
    numbers(100).map((n) =>
      (clients[n % 4] as Mesh)
        .agent(model)
        .ask({ q, ms }, { timeout: 15_000 + 100 * n, onServed: (by) => served.push(by) }),
    ),
  );
}

const holders = (answers: readonly { by: string }[]): Set<string> => new Set(answers.map(({ by }) => by));

test("K16: 100 equal calls at once run once in four processes, and all get that answer", async () => {
  const served: Served[] = [];
  const answers = await hundred("once", 500, served);
  expect(pool.runs).toHaveLength(1);
  expect(holders(answers)).toEqual(new Set([pool.runs[0]?.replica]));
  // It was no luck: they have come to every process.
  expect(new Set(served.map(({ replica }) => replica)).size).toBe(4);
  const again: Served[] = [];
  await hundred("once", 500, again);
  expect(pool.runs).toHaveLength(1);
  expect(new Set(again.map(({ metadata }) => metadata.cache?.result))).toEqual(new Set(["hit"]));
});

test("K16: when the process that runs it is killed, it runs once more, and all get that answer", async () => {
  const asking = hundred("killed", 1_500);
  const holder = await pool.firstToBegin();
  const killedAt = performance.now();
  holder.kill();
  const answers = await asking;
  // 1.5 s, and the time to notice: far from what a claim lives.
  expect(performance.now() - killedAt).toBeLessThan(4_500);
  expect(pool.runs).toHaveLength(2);
  expect(holders(answers)).toEqual(
    new Set([pool.runs.find(({ replica }) => !holder.serves(replica))?.replica]),
  );
});

test("K16: when one after another is killed, each takes over from the one before", async () => {
  const asking = hundred("all", 1_000);
  for (let dead = 0; dead < 3; dead++) {
    const holder = await Promise.race(
      pool.members.filter(({ isAlive }) => isAlive).map((each) => each.hasBegun(1).then(() => each)),
    );
    holder.kill();
  }
  const answers = await asking;
  expect(pool.runs).toHaveLength(4);
  expect(holders(answers).size).toBe(1);
});

test("K17: no call fails while the server that had the answers restarts, and they are shared again after that", async () => {
  await hundred("before", 0);
  await server.kill();
  await server.restart();
  expect(await hundred("during", 10)).toHaveLength(100);
  await delay(6_000);
  const before = pool.runs.length;
  await hundred("after", 100);
  expect(pool.runs.length - before).toBe(1);
});
