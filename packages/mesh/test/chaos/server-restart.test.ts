import { expect, test } from "vitest";
import { job, relay } from "../support/chaos-agents.ts";
import { mesh, node, numbers, outcomeOf, server } from "../support/chaos-mesh.ts";

test("P4, C1, S1: while the server is killed and comes back, calls, streams and nested calls all succeed", async () => {
  const nats = await server();
  const nodes = await Promise.all([node(nats.url), node(nats.url)]);
  const client = await mesh(nats.url);
  const options = { timeout: 30_000 };
  const calls = (ms: number): Promise<{ n: number }>[] =>
    numbers(20).map((n) => client.agent(n % 2 ? job : relay).work({ n, ms }, options));
  const streams = (ms: number): Promise<number[]>[] =>
    numbers(10).map((n) =>
      client
        .agent(n % 2 ? job : relay)
        .recite({ to: 50, ms }, options)
        .collect(),
    );
  const before = [calls(400), streams(10)] as const;
  const once = numbers(5).map((n) => outcomeOf(client.agent(job).pay({ n, ms: 400 }, options)));
  await expect.poll(() => nodes.flatMap(({ runs }) => runs).length).toBeGreaterThan(35);
  await nats.kill();
  const during = [calls(10), streams(1)] as const;
  await nats.restart();
  for (const [asked, told] of [before, during]) {
    expect((await Promise.all(asked)).map(({ n }) => n)).toEqual(numbers(20));
    for (const each of await Promise.all(told)) expect(each).toEqual(numbers(50));
  }
  for (const outcome of await Promise.all(once)) expect(["ok", "replica_lost"]).toContain(outcome);
});
