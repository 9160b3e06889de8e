import { afterEach, expect, onTestFinished, test } from "vitest";
import { startNatsServer } from "@shoal/mesh/testing";
import { Scrape } from "../../support/prometheus/scrape.ts";
import { Shoal, cleanUp, client, temporaryDirectory } from "../../support/shoal.ts";

afterEach(cleanUp);

/** Nodes tell each second. */
const PATIENCE = { timeout: 20_000 };
const ECHOED = { agent: "echo", method: "say", outcome: "ok" };

async function startNode(nats: string, agents: string): Promise<{ node: Shoal; url: string }> {
  const cwd = temporaryDirectory({ "shoal.yaml": `agents: ${agents}\n` });
  const node = new Shoal(["node", "--nats", nats, "--http", "0"], { cwd });
  const [, url = ""] = await node.prints(/health and figures on (http:[^"]+)/);
  await node.prints(/serving /);
  return { node, url };
}

test("HE7: a node with the metrics agent tells of the whole mesh, and of a node that has gone what it had done", async () => {
  const nats = await startNatsServer();
  onTestFinished(() => nats.stop());
  const [first, second] = await Promise.all([
    startNode(nats.url, "[echo, metrics]"),
    startNode(nats.url, "[echo]"),
  ]);
  const nothing = await fetch(`${second.url}/metrics/mesh`);
  expect([nothing.status, await nothing.text()]).toEqual([404, "there is /healthz, /readyz, /metrics\n"]);

  await using mesh = await client(nats.url);
  await Promise.all(Array.from({ length: 200 }, (_each, i) => mesh.call("echo", `call ${i}`)));
  const whole = (): Promise<Scrape> => Scrape.of(`${first.url}/metrics/mesh`);
  await expect.poll(async () => (await whole()).sum("shoal_requests_total", ECHOED), PATIENCE).toBe(200);
  const own = await Promise.all([first, second].map(({ url }) => Scrape.of(`${url}/metrics`)));
  const shares = own.map((scrape) => scrape.sum("shoal_requests_total", ECHOED) ?? 0);
  expect(shares.reduce((a, b) => a + b)).toBe(200);
  expect(Math.min(...shares)).toBeGreaterThan(0);
  const scrape = await whole();
  expect(scrape.faults).toEqual([]);
  expect(scrape.sum("shoal_nodes")).toBe(2);
  expect(scrape.sum("shoal_replicas", { agent: "echo" })).toBe(2);
  expect(scrape.sum("shoal_request_wait_seconds_count", { agent: "echo" })).toBe(200);

  second.node.signal("SIGTERM");
  await expect.poll(async () => (await whole()).sum("shoal_nodes"), PATIENCE).toBe(1);
  const after = await whole();
  expect(after.sum("shoal_requests_total", ECHOED)).toBe(200);
  expect(after.sum("shoal_replicas", { agent: "echo" })).toBe(1);
});
