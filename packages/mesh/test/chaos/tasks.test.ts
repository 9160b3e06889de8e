import { connect } from "nats";
import { expect, onTestFinished, test } from "vitest";
import { job } from "../support/chaos-agents.ts";
import { mesh, numbers } from "../support/chaos-mesh.ts";
import { MemberProcess } from "../support/member-process.ts";
import { type NatsServer, startNatsServer } from "../../src/testing/nats-server.ts";

async function jetstream(): Promise<NatsServer> {
  const server = await startNatsServer({ jetstream: true });
  onTestFinished(() => server.stop());
  return server;
}

async function member(url: string): Promise<MemberProcess> {
  const started = await MemberProcess.start(url, ["job", "tasks"]);
  onTestFinished(() => started.kill());
  return started;
}

test("T9, J6: tasks survive the death of every node, and a restart of NATS", async () => {
  const nats = await jetstream();
  const first = [await member(nats.url), await member(nats.url)];
  const client = await mesh(nats.url);
  const { work } = client.agent(job);
  const tickets = await Promise.all(numbers(40).map((n) => client.submit(work, { n, ms: 300 })));
  await Promise.all(first.map((each) => each.hasBegun(5)));
  for (const each of first) each.kill();
  await nats.kill("SIGKILL");
  await nats.restart();
  await member(nats.url);
  await member(nats.url);
  const results = await Promise.all(tickets.map((ticket) => ticket.result({ timeout: "40s" })));
  expect(results.map(({ n }) => n)).toEqual(numbers(40));
});

test("J8: a task that has ended is not begun again, though its worker dies before NATS hears of it", async () => {
  const nats = await jetstream();
  const client = await mesh(nats.url);
  const { work } = client.agent(job);
  const workers = [await member(nats.url), await member(nats.url), await member(nats.url)];
  const ran: { key: string; member: MemberProcess }[] = [];
  const tickets = await Promise.all(
    numbers(300).map((n) => client.submit(work, { n, ms: 5 }, { id: `order-${n}` })),
  );
  const ended = async (): Promise<string[]> => {
    const ids: string[] = [];
    for await (const { id } of client.tasks.list({ state: "done" })) ids.push(id);
    return ids;
  };
  // As many results as there are when the first one dies.
  await expect.poll(async () => (await ended()).length, { interval: 1, timeout: 20_000 }).toBeGreaterThan(20);
  workers[0]?.kill();
  const before = new Set(await ended());
  const counted = workers.slice(1).map((each) => each.runs.length);
  workers[1]?.kill();
  await Promise.all(tickets.map((ticket) => ticket.result({ timeout: "40s" })));
  const last = workers[2] as MemberProcess;
  ran.push(...last.runs.slice(counted[1]).map(({ key }) => ({ key, member: last })));
  expect(before.size).toBeGreaterThan(20);
  expect(ran.filter(({ key }) => before.has(key))).toEqual([]);
});

test("a task that kills its process is a dead letter in the end, and the others are done", async () => {
  const nats = await jetstream();
  const client = await mesh(nats.url);
  const { work } = client.agent(job);
  // Somebody has taken tasks before.
  await (await member(nats.url)).close();
  const poison = await client.submit(work, { n: -1, ms: 60_000 }, { id: "poison" });
  for (let deaths = 0; deaths < 5; deaths++) {
    const victim = await member(nats.url);
    await victim.hasBegun(1);
    victim.kill();
  }
  await member(nats.url);
  await expect(poison.result({ timeout: "30s" })).rejects.toMatchObject({ code: "replica_lost" });
  const letter = await client.tasks.deadTask("poison");
  expect(letter.attempts).toHaveLength(5);
  expect(await (await client.submit(work, { n: 1 })).result({ timeout: "10s" })).toMatchObject({ n: 1 });
});

test("T9: workers that outlive a restart of NATS go on, calls included, and lose nothing", async () => {
  const nats = await jetstream();
  const workers = [await member(nats.url), await member(nats.url)];
  const client = await mesh(nats.url);
  const { work } = client.agent(job);
  const tickets = await Promise.all(numbers(60).map((n) => client.submit(work, { n, ms: 100 })));
  for (let restarts = 0; restarts < 2; restarts++) {
    await nats.kill("SIGKILL");
    await nats.restart();
    expect(await work({ n: restarts }, { timeout: "20s" })).toMatchObject({ n: restarts });
  }
  const more = await Promise.all(numbers(20).map((n) => client.submit(work, { n, ms: 10 })));
  const results = await Promise.all([...tickets, ...more].map((each) => each.result({ timeout: "40s" })));
  expect(results.map(({ n }) => n)).toEqual([...numbers(60), ...numbers(20)]);
  expect(workers.every(({ isAlive }) => isAlive)).toBe(true);
});

test("a queue that is made anew gives nobody the result of an earlier task", async () => {
  const nats = await jetstream();
  const client = await mesh(nats.url);
  const { work } = client.agent(job);
  const first = await member(nats.url);
  const before = await Promise.all(numbers(5).map((n) => client.submit(work, { n })));
  await Promise.all(before.map((each) => each.result({ timeout: "20s" })));
  await first.close();
  const connection = await connect({ servers: nats.url });
  await (await connection.jetstreamManager()).streams.delete("mesh-tasks");
  await connection.close();
  await member(nats.url);
  const after = await Promise.all(numbers(5).map((n) => client.submit(work, { n: 100 + n })));
  const results = await Promise.all(after.map((each) => each.result({ timeout: "20s" })));
  expect(results.map(({ n }) => n)).toEqual(numbers(5).map((n) => 100 + n));
});
