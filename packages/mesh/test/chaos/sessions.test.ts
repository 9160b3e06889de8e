import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { type Mesh, connect } from "../../src/index.ts";
import { FaultProxy } from "../../src/testing/fault-proxy.ts";
import { startNatsServer } from "../../src/testing/nats-server.ts";
import { RecordingLogger } from "../../src/testing/recording-logger.ts";
import { mesh, numbers, outcomeOf } from "../support/chaos-mesh.ts";
import type { Ran } from "../support/chaos-agents.ts";
import { MemberPool } from "../support/member-pool.ts";
import { ledger, sessionAgents } from "../support/session-agents.ts";

const server = await startNatsServer({ jetstream: true });
afterAll(() => server.stop());
let app: Mesh;

beforeEach(async () => {
  app = await mesh(server.url);
});

const sorted = (all: readonly number[]): number[] => all.toSorted((a, b) => a - b);

test("SE1: sessions of four processes: each request once, one at a time, in each client's order", async () => {
  const pool = MemberPool.ofTest("ledger", 4);
  await pool.fill(server.url);
  const { add, read } = app.agent(ledger);
  const books = numbers(10).map((n) => `book-${n}`);
  await Promise.all(numbers(400).map((n) => add({ book: books[n % 10], n })));
  for (const [index, book] of books.entries()) {
    const { entries } = await read({ book });
    expect(entries).toEqual(numbers(400).filter((n) => n % 10 === index));
  }
  expect(pool.runs).toHaveLength(400);
});

test("SE4: when the processes are killed one after another, sessions go on with all that was answered", async () => {
  const pool = MemberPool.ofTest("ledger", 4);
  await pool.fill(server.url);
  const { add, note, read } = app.agent(ledger);
  const book = "killed";
  const answered: number[] = [];
  for (let dead = 0; dead < 3; dead++) {
    const before = answered.length;
    for (const n of numbers(5)) {
      await add({ book, n: before + n });
      answered.push(before + n);
    }
    const known = new Set(pool.runs.map(({ key }) => key));
    const lost = outcomeOf(add({ book, n: -1, ms: 2_000 }, { timeout: "10s" }));
    const begun = (): Ran | undefined => pool.runs.find(({ key }) => !known.has(key));
    await expect.poll(begun).toBeDefined();
    const holder = pool.members.find((each) => each.serves(begun()?.replica ?? ""));
    holder?.kill();
    expect(await lost).toBe("replica_lost");
    const killedAt = performance.now();
    expect((await note({ book, n: 1_000 + dead })).entries).toContain(1_000 + dead);
    expect(performance.now() - killedAt).toBeLessThan(2_000);
  }
  const { entries } = await read({ book });
  expect(sorted(entries.filter((n) => n < 1_000))).toEqual(answered);
});

test("SE4: sessions outlive every replica, and a restart of NATS", async () => {
  const pool = MemberPool.ofTest("ledger", 2);
  await pool.fill(server.url);
  const { add, read } = app.agent(ledger);
  await Promise.all(numbers(20).map((n) => add({ book: `kept-${n}`, n })));
  pool.kill();
  await server.kill();
  await server.restart();
  const heirs = MemberPool.ofTest("ledger", 2);
  await heirs.fill(server.url);
  for (const n of numbers(20))
    expect((await read({ book: `kept-${n}` }, { timeout: "10s" })).entries).toEqual([n]);
});

/** A member in this process, behind a network that can be made bad. */
async function behind(
  proxy: FaultProxy,
  root: string,
): Promise<{ host: Mesh; runs: Ran[]; replica: string }> {
  const runs: Ran[] = [];
  const [agent] = sessionAgents({ ran: (run) => runs.push(run), wait: (ms) => delay(ms) });
  const host = await connect({
    servers: proxy.url,
    root,
    reconnectTimeWait: 50,
    reconnectJitter: 0,
    logger: new RecordingLogger(),
  });
  onTestFinished(() => host.close());
  if (!agent) throw new Error("no agent");
  const { id: replica } = await host.serve(agent);
  return { host, runs, replica };
}

/** A replica works on a session when its network fails; another takes over, and then the network is mended. */
async function partition(root: string, part: (proxy: FaultProxy) => void): Promise<void> {
  const proxy = await FaultProxy.to(server.port);
  onTestFinished(() => proxy.close());
  const { runs } = await behind(proxy, root);
  const book = "parted";
  const client = await mesh(server.url, { root });
  const { add, read } = client.agent(ledger);
  await add({ book, n: 1 });
  const lost = outcomeOf(add({ book, n: 2, ms: 6_000 }, { timeout: "20s" }));
  await expect.poll(() => runs.length).toBe(2);
  part(proxy);
  const near = await FaultProxy.to(server.port);
  onTestFinished(() => near.close());
  await behind(near, root);
  // From several clients, since NATS goes on giving it some of them.
  const others = await Promise.all(numbers(8).map(() => mesh(server.url, { root })));
  const added = await Promise.any(
    others.map((other) => other.agent(ledger).note({ book, n: 3 }, { timeout: "8s", idempotent: false })),
  );
  expect(added.entries, root).toEqual([1, 3]);
  proxy.heal();
  expect(await lost, root).toBe("replica_lost");
  // Its handler returns, and it is back.
  await delay(6_500);
  for (const _each of numbers(6)) expect((await read({ book })).entries, root).toEqual([1, 3]);
  expect((await add({ book, n: 4 })).entries, root).toEqual([1, 3, 4]);
}

test("SE3: a replica whose network fails while it works on a session stores nothing once another has it", async () => {
  await Promise.all([
    partition("cut-off", (proxy) => proxy.refuse()),
    partition("swallowed", (proxy) => proxy.stall()),
    partition("heard-no-more", (proxy) => proxy.stall("up")),
    partition("told-nothing-more", (proxy) => proxy.stall("down")),
  ]);
}, 60_000);

test("a session expires when nobody has asked for it for its time", async () => {
  const runs: Ran[] = [];
  const [agent] = sessionAgents({ ran: (run) => runs.push(run), wait: (ms) => delay(ms) });
  if (!agent) throw new Error("no agent");
  const host = await mesh(server.url);
  await host.serve({ ...agent, session: { ...agent.session, ttl: "2s", idle: "200ms" } });
  const { add } = app.agent(ledger);
  await add({ book: "short", n: 1 });
  await delay(1_000);
  expect((await add({ book: "short", n: 2 })).entries).toEqual([1, 2]);
  await delay(4_000);
  expect(await add({ book: "short", n: 3 })).toMatchObject({ entries: [3], isNew: true });
}, 20_000);

test("what is cleared leaves nothing but marks that go, and a key of any length breaks no connection", async () => {
  const runs: Ran[] = [];
  const [agent] = sessionAgents({ ran: (run) => runs.push(run), wait: (ms) => delay(ms) });
  if (!agent) throw new Error("no agent");
  const host = await mesh(server.url);
  await host.serve(agent);
  const { add, end } = app.agent(ledger);
  const disconnects: string[] = [];
  host.onStatus(({ type }) => {
    if (type === "disconnected") disconnects.push(type);
  });
  await add({ book: "gone", n: 1 });
  await end({ book: "gone" });
  expect(await add({ book: "gone", n: 2 })).toMatchObject({ entries: [2], isNew: true });
  const memory = host.memory("notes");
  await expect(memory.set("é".repeat(1_000), 1)).rejects.toMatchObject({ code: "bad_request" });
  expect(() => host.memory("é".repeat(1_000))).toThrow(/1 to 200 bytes/);
  const longest = "*".repeat(200);
  await memory.set(longest, 1);
  expect(await memory.get(longest)).toBe(1);
  expect(disconnects).toEqual([]);
});
