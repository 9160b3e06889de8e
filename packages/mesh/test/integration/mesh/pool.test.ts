import { afterAll, beforeAll, expect, test } from "vitest";
import { type MeshClient, connect } from "../../../src/client.ts";
import { MemberProcess } from "../../support/member-process.ts";
import { type NatsServer, startNatsServer } from "../../../src/testing/nats-server.ts";

let server: NatsServer;
let client: MeshClient;
let members: MemberProcess[] = [];

beforeAll(async () => {
  server = await startNatsServer();
  members = await Promise.all([1, 2, 3].map(() => MemberProcess.start(server.url)));
  client = await connect({ servers: server.url });
});

afterAll(async () => {
  await client.close();
  for (const member of members) member.kill();
  await server.stop();
});

const work = async (n: number, ms = 0): Promise<{ n: number; by: string }> =>
  (await client.call("worker.work", { n, ms })) as { n: number; by: string };

test("a pool over three processes answers all, and each has its share", async () => {
  const answers = await Promise.all(Array.from({ length: 3_000 }, (_, n) => work(n)));
  expect(answers.map(({ n }) => n)).toEqual(Array.from({ length: 3_000 }, (_, n) => n));
  const shares = Map.groupBy(answers, ({ by }) => by);
  expect(shares.size).toBe(3);
  // Picked at random: 1,000 each, give or take 27.
  for (const share of shares.values()) expect(share.length).toBeGreaterThan(800);
});

test("discover, ping and stats see every replica", async () => {
  const ids = members.flatMap(({ replicas }) => replicas).sort();
  const agents = await client.discover();
  expect(agents.map(({ name, replicas }) => [name, replicas.length])).toEqual([
    ["echo", 3],
    ["producer", 3],
    ["worker", 3],
  ]);
  expect(agents.flatMap(({ replicas }) => replicas.map(({ id }) => id)).sort()).toEqual(ids);
  const pings = await client.ping();
  expect(pings.map(({ replica }) => replica).sort()).toEqual(ids);
  for (const { rttMs } of pings) expect(rttMs).toBeGreaterThan(0);
  const stats = await client.stats("worker");
  const requests = stats.reduce((sum, { methods }) => sum + (methods[0]?.requests ?? 0), 0);
  expect(requests).toBe(3_000);
});

test("R2: a process that closes under load loses nothing, and the others go on", async () => {
  const [leaver] = members;
  const answers: Promise<{ n: number; by: string }>[] = [];
  let isGone = false;
  const begin = answers.length;
  const feeding = (async () => {
    for (let n = begin; !isGone || n < 1_500; n++) {
      answers.push(work(n, 5));
      if (n % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  await new Promise((resolve) => setTimeout(resolve, 300));
  await leaver?.close();
  isGone = true;
  await feeding;
  const outcomes = await Promise.allSettled(answers);
  expect(outcomes.filter(({ status }) => status === "rejected")).toEqual([]);
  expect(leaver?.told.map(({ type }) => type)).toContain("closed");
  const byLeaver = outcomes.filter(
    (each) => each.status === "fulfilled" && leaver?.replicas.includes(each.value.by),
  );
  expect(byLeaver.length).toBeGreaterThan(0);
  expect((await client.discover("worker"))[0]?.replicas).toHaveLength(2);
});
