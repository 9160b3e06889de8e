import { expect, test } from "vitest";
import type { Mesh } from "../../src/index.ts";
import { job, relay } from "../support/chaos-agents.ts";
import { freePort, mesh, node, numbers, server } from "../support/chaos-mesh.ts";

/** Nothing can be asked of one that leaves before the other knows who is there. */
async function knows(client: Mesh, replicas: number): Promise<void> {
  await expect
    .poll(async () => (await client.discover("job"))[0]?.replicas.length, { timeout: 10_000 })
    .toBe(replicas);
}

test("C1, P4: a server that leaves in lame-duck mode sends everybody to another, and nothing fails", async () => {
  const [first, second] = [await freePort(), await freePort()];
  const config = (own: number, other: number): string => `
    lame_duck_grace_period: "100ms"
    lame_duck_duration: "30s"
    cluster { name: c, listen: "127.0.0.1:${own}", routes: ["nats://127.0.0.1:${other}"] }`;
  const leaving = await server(config(first, second));
  const staying = await server(config(second, first));
  const servers = [leaving.url, staying.url];
  const there = { noRandomize: true };
  const hosts = await Promise.all([
    node(servers, there),
    node(servers, there),
    node(servers.toReversed(), there),
  ]);
  const client = await mesh(servers, there);
  await knows(client, hosts.length);

  const moved = Promise.all(
    [hosts[0].host, hosts[1].host, client].map(
      (each) =>
        new Promise<void>((resolve) => each.onStatus(({ type }) => type === "connected" && resolve())),
    ),
  );
  const calls: Promise<{ n: number }>[] = [];
  const streams: Promise<number[]>[] = [];
  const load = setInterval(() => {
    const n = calls.length;
    const options = { timeout: 30_000 };
    calls.push(client.agent(n % 4 ? job : relay).work({ n, ms: n % 30 }, options));
    if (n % 20 === 0) streams.push(client.agent(job).recite({ to: 50, ms: 10 }, options).collect());
  }, 5);
  leaving.signal("SIGUSR2");
  await moved;
  await knows(client, hosts.length);
  clearInterval(load);
  expect((await Promise.all(calls)).map(({ n }) => n)).toEqual(numbers(calls.length));
  for (const told of await Promise.all(streams)) expect(told).toEqual(numbers(50));
  expect(client.status).toBe("connected");
}, 60_000);
