import { expect, test } from "vitest";
import { chaosAgents, job } from "../support/chaos-agents.ts";
import { mesh, proxyOf, server } from "../support/chaos-mesh.ts";
import type { FaultProxy } from "../../src/testing/fault-proxy.ts";

const agents = chaosAgents({ ran: () => {}, wait: async () => {} });

test.each<[string, (proxy: FaultProxy) => void]>([
  ["is refused", (proxy) => proxy.refuse()],
  ["finds a server that says nothing", (proxy) => proxy.set({ swallows: true })],
  ["is cut in the middle of the greeting", (proxy) => proxy.set({ latencyMs: 2_000 }, "down")],
])("a node and a client whose first connect %s come up when the network does", async (_how, spoil) => {
  const nats = await server();
  const proxy = await proxyOf(nats);
  spoil(proxy);
  const options = { wait: true, timeout: 300 };
  await expect(mesh(proxy.url, { timeout: 300 })).rejects.toMatchObject({ code: "unavailable" });
  const both = Promise.all([mesh(proxy.url, options), mesh(proxy.url, options)]);
  const early = await Promise.race([both.then(() => "up"), mesh(nats.url).then(() => "still waiting")]);
  expect(early).toBe("still waiting");
  proxy.heal();
  const [host, client] = await both;
  for (const agent of agents) await host.serve(agent);
  expect(await client.agent(job).work({ n: 1 })).toMatchObject({ n: 1 });
});
