import { expect, onTestFinished, test } from "vitest";
import { job } from "../support/chaos-agents.ts";
import { accepted, freePort, mesh, node, numbers, outcomeOf, server } from "../support/chaos-mesh.ts";
import { FaultProxy } from "../../src/testing/fault-proxy.ts";

/** A cluster of two servers, and the network between them. */
async function cluster() {
  const [here, there] = [await freePort(), await freePort()];
  const near = await server(`cluster { name: c, listen: "127.0.0.1:${here}" }`);
  const between = await FaultProxy.to(here);
  onTestFinished(() => between.close());
  const route = `nats://127.0.0.1:${between.port}`;
  const far = await server(`cluster { name: c, listen: "127.0.0.1:${there}", routes: ["${route}"] }`);
  return { near, far, between };
}

test.each<[string, (between: FaultProxy) => void]>([
  ["P4, L2: when the servers of a cluster lose each other", (between) => between.refuse()],
  ["P4, L3: when the network between them swallows everything", (between) => between.set({ swallows: true })],
])(
  "%s, work of the far side is done on the near one",
  async (_title, part) => {
    const { near, far, between } = await cluster();
    // Each knows no server but its own: nobody changes sides.
    const alone = { ignoreClusterUpdates: true };
    const a = await node(near.url, alone);
    await node(far.url, alone);
    const client = await mesh(near.url, alone);
    const all = async (): Promise<number | undefined> => (await client.discover("job"))[0]?.replicas.length;
    await expect.poll(all, { timeout: 10_000 }).toBe(2);
    const held = await accepted(near.url);
    const { work, pay, recite } = client.agent(job);
    // A server prefers its own side while there is somebody.
    await a.host.drain();
    const calls = numbers(10).map((n) => work({ n, ms: 1_000 }, { timeout: "20s" }));
    const once = outcomeOf(pay({ n: 1, ms: 1_000 }, { timeout: "20s" }));
    const telling = recite({ to: 60, ms: 30 }, { timeout: "20s" }).collect();
    const c = await node(near.url, alone);
    await held(12);
    part(between);
    expect((await Promise.all(calls)).map(({ n }) => n)).toEqual(numbers(10));
    expect(await telling).toEqual(numbers(60));
    expect(["ok", "replica_lost"]).toContain(await once);
    expect(c.runs.length).toBeGreaterThan(0);
    between.heal();
    await expect.poll(all, { timeout: 20_000 }).toBe(2);
  },
  60_000,
);
