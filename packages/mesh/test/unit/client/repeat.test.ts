import { expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import type { Served } from "../../../src/contract/caller.ts";
import type { MeshOptions } from "../../../src/mesh-options.ts";
import { Kind } from "../../../src/protocol/frame.ts";
import { turns } from "../../support/actor-fixture.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";

/** Two hosts of one agent. A call's work hangs where it lands first, until the test lets it go on. */
async function pool(options: MeshOptions = {}) {
  const world = new InProcessMesh();
  const runs: { by: string; key: string; attempt: number; aborted: () => boolean; finish: () => void }[] = [];
  const agent = defineAgent({
    name: "slow",
    version: "1.0.0",
    concurrency: 8,
    methods: {
      work: {
        input: z.string(),
        output: z.string(),
        idempotent: true,
        async run(text, ctx) {
          const gate = Promise.withResolvers<void>();
          const { replica, idempotencyKey, attempt } = ctx.request;
          runs.push({
            by: replica,
            key: idempotencyKey,
            attempt,
            aborted: () => ctx.signal.aborted,
            finish: () => gate.resolve(),
          });
          await gate.promise;
          return `${text} by ${replica}`;
        },
      },
      pay: {
        input: z.string(),
        output: z.string(),
        run: () => new Promise<string>(() => {}),
      },
      numbers: {
        input: z.int(),
        chunk: z.int(),
        idempotent: true,
        async *run(before, ctx) {
          for (let i = 0; i < before; i++) yield i;
          await new Promise((_resolve, reject) => {
            ctx.signal.addEventListener("abort", () => reject(new Error("stopped")));
          });
        },
      },
    },
  });
  const hosts = [await world.join(), await world.join()];
  for (const { mesh } of hosts) await mesh.serve(agent);
  const { mesh: client, transport } = await world.join(options);
  /** The process that runs it dies: it says nothing more, and NATS forgets its subscriptions. */
  const kill = async (replica: string): Promise<void> => {
    const host = hosts.find(({ mesh }) => replica.startsWith(`${mesh.node}-`));
    if (!host) throw new Error(`no host of ${replica}`);
    host.transport.onPublish = () => false;
    await host.transport.close();
  };
  return { world, agent, client, transport, runs, hosts, kill };
}

test("P4: idempotent work is sent again when its replica dies, under the same key", async () => {
  const { world, agent, client, runs, kill } = await pool();
  const served: Served[] = [];
  const options = { timeout: "20s", onServed: (by: Served) => void served.push(by) } as const;
  const answer = client.agent(agent).work("done", options);
  await world.advance(60);
  const [first] = runs;
  await kill(first?.by ?? "");
  await world.advance(300);
  expect(runs).toHaveLength(2);
  expect(runs[1]).toMatchObject({ key: first?.key, attempt: 2 });
  expect(runs[1]?.by).not.toBe(first?.by);
  runs[1]?.finish();
  expect(await world.settle(answer)).toBe(`done by ${runs[1]?.by}`);
  expect(served).toMatchObject([{ replica: runs[1]?.by, attempt: 2 }]);
});

test("P4: work that may not be repeated fails with replica_lost when its replica dies", async () => {
  const { world, agent, client, hosts, kill } = await pool();
  const answer = client.agent(agent).pay("once", { timeout: "20s" });
  answer.catch(() => {});
  await world.advance(60);
  const holder = hosts.find(({ transport }) => transport.framesOf(Kind.accepted).length > 0);
  await kill(`${holder?.mesh.node}-1`);
  await world.advance(300);
  await expect(answer).rejects.toMatchObject({
    code: "replica_lost",
    attempt: 1,
    message: expect.stringContaining("the outcome is unknown"),
  });
});

test("P4: a stream that has delivered something is not begun again", async () => {
  const { world, agent, client, hosts, kill } = await pool();
  const reader = client.agent(agent).numbers(2, { timeout: "20s" })[Symbol.asyncIterator]();
  expect((await world.settle(reader.next())).value).toBe(0);
  expect((await world.settle(reader.next())).value).toBe(1);
  const third = reader.next();
  third.catch(() => {});
  const holder = hosts.find(({ transport }) => transport.framesOf(Kind.chunk).length > 0);
  await kill(`${holder?.mesh.node}-1`);
  await world.advance(300);
  await expect(third).rejects.toMatchObject({ code: "replica_lost" });
});

const onAndOff = [{ failover: true }, { failover: false }];

test.each(onAndOff)("P4: what a leaving replica has not begun goes to another, %o", async (options) => {
  const world = new InProcessMesh();
  const busy = Promise.withResolvers<void>();
  const ran: string[] = [];
  const agent = defineAgent({
    name: "till",
    version: "1.0.0",
    methods: {
      pay: {
        input: z.string(),
        output: z.string(),
        async run(what, ctx) {
          ran.push(what);
          if (what === "first") await busy.promise;
          return ctx.request.replica;
        },
      },
    },
  });
  const [leaving, staying, client] = [
    await world.member(),
    await world.member(),
    await world.member(options),
  ];
  const hosting = await leaving.serve(agent);
  const first = client.agent(agent).pay("first");
  first.catch(() => {});
  await turns(5);
  const second = client.agent(agent).pay("second");
  await turns(5);
  const other = await staying.serve(agent);
  const stopped = hosting.stop({ timeout: 100 });
  expect(await world.settle(second)).toBe(other.id);
  await expect(world.settle(first)).rejects.toMatchObject({ code: "replica_lost" });
  busy.resolve();
  await world.settle(stopped);
  expect(ran).toEqual(["first", "second"]);
});

test("P4: a call that has no other replica to go to ends as unavailable, soon", async () => {
  const { world, agent, client, runs, hosts, kill } = await pool();
  const answer = client.agent(agent).work("nowhere", { timeout: "20s" });
  answer.catch(() => {});
  await world.advance(60);
  for (const { mesh } of hosts) await kill(`${mesh.node}-1`);
  await world.advance(5_000);
  await expect(answer).rejects.toMatchObject({ code: "unavailable", attempt: 2 });
  expect(runs).toHaveLength(1);
});

test("P4: an attempt that nobody has heard is made again, also when it is not the first", async () => {
  const { world, agent, client, transport, runs, hosts } = await pool();
  const answer = client.agent(agent).work("done", { timeout: "20s" });
  await world.advance(60);
  // Both stop: who holds it goes silent after 3 s, and the next attempt is heard by nobody.
  for (const host of hosts) host.transport.onPublish = () => false;
  await world.advance(6_500);
  expect(transport.framesOf(Kind.request).length).toBeGreaterThanOrEqual(4);
  for (const host of hosts) host.transport.onPublish = () => true;
  await world.advance(4_000);
  for (const run of runs) run.finish();
  expect(await world.settle(answer)).toMatch(/^done by /);
});

test("U1: what went to a replica that died before it said so is sent again soon", async () => {
  const { world, agent, client, runs, hosts } = await pool();
  const work = (n: number): Promise<string[]> =>
    Promise.all(Array.from({ length: n }, () => client.agent(agent).work("done", { timeout: "20s" })));
  const before = work(8);
  await world.advance(60);
  for (const run of runs.splice(0)) run.finish();
  await world.settle(before);
  // It takes requests, and dies before it has said that it holds any.
  const [victim, survivor] = hosts;
  if (victim) victim.transport.onPublish = () => false;
  const after = work(8);
  await world.advance(15);
  await victim?.transport.close();
  await world.advance(300);
  for (const run of runs) run.finish();
  const answers = await world.settle(after);
  expect(new Set(answers)).toEqual(new Set([`done by ${survivor?.mesh.node}-1`]));
  expect(runs.some(({ attempt }) => attempt === 2)).toBe(true);
});

test.each(["work", "pay"] as const)(
  "without failover nobody is watched: %s ends at its deadline when its replica dies",
  async (method) => {
    const { world, agent, client, transport, hosts } = await pool({ failover: false });
    const answer = client.agent(agent)[method]("gone", { timeout: "4s" });
    answer.catch(() => {});
    await world.advance(60);
    for (const host of hosts) await host.transport.close();
    await world.advance(3_900);
    expect(transport.published.map(({ kind }) => kind)).toEqual([Kind.request]);
    await world.advance(110);
    await expect(answer).rejects.toMatchObject({ code: "deadline_exceeded", attempt: 1 });
  },
);

test("without failover what nobody has heard, or a reconnect puts in question, is not sent again", async () => {
  const { world, agent, client, transport, hosts } = await pool({ failover: false });
  const held = client.agent(agent).work("held", { timeout: "10s" });
  await world.advance(60);
  for (const host of hosts) host.transport.onPublish = () => false;
  const unheard = client.agent(agent).work("unheard", { timeout: "10s" });
  await world.advance(3_000);
  transport.become("disconnected");
  transport.become("connected");
  const outcomes = Promise.allSettled([held, unheard]);
  await world.advance(7_000);
  const late = { status: "rejected", reason: { code: "deadline_exceeded", attempt: 1 } };
  expect(await world.settle(outcomes)).toMatchObject([late, late]);
  expect(transport.framesOf(Kind.request)).toHaveLength(2);
  expect(transport.framesOf(Kind.ping)).toEqual([]);
});

test("U3: what a busy replica has not spoken of yet is not sent again because another has left", async () => {
  const { world, agent, client, transport, runs, hosts } = await pool();
  const calls = Array.from({ length: 12 }, (_each, n) => client.agent(agent).work(`${n}`));
  await world.advance(60);
  const [leaver, busy] = hosts.map(({ mesh }) => runs.filter(({ by }) => by.startsWith(`${mesh.node}-`)));
  expect(leaver).not.toEqual([]);
  expect(busy).not.toEqual([]);
  for (const { finish } of runs) finish();
  await Promise.all(calls);
  const [first, second] = hosts;
  if (second) second.transport.onPublish = ({ kind }) => kind !== Kind.accepted;
  let sent = 0;
  transport.onPublish = ({ kind }) => {
    if (kind === Kind.request) sent++;
    return true;
  };
  const more = Array.from({ length: 12 }, (_each, n) => client.agent(agent).work(`more ${n}`));
  await world.advance(60);
  const closed = first?.mesh.close();
  for (const { by, finish } of runs) if (by.startsWith(`${first?.mesh.node}-`)) finish();
  await world.settle(closed ?? Promise.resolve());
  await world.advance(500);
  expect(sent).toBe(12);
  for (const { finish } of runs) finish();
  await world.settle(Promise.all(more));
});

test("U3: a replica that leaves before all that was sent to it has come does not say so", async () => {
  const { world, agent, client, runs, hosts } = await pool();
  const told: number[] = [];
  const calls = Array.from({ length: 12 }, (_each, n) => client.agent(agent).work(`${n}`));
  await world.advance(60);
  for (const { transport } of hosts)
    transport.onPublish = ({ kind }) => {
      if (kind === Kind.left) told.push(kind);
      return true;
    };
  for (const { finish } of runs) finish();
  await world.settle(Promise.all(calls));
  const [first, second] = hosts;
  await world.settle(first?.mesh.drain({ timeout: 0 }) ?? Promise.resolve());
  expect(told).toEqual([]);
  await world.settle(second?.mesh.drain() ?? Promise.resolve());
  expect(told).toEqual([Kind.left]);
});
