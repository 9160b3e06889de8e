import { type MeshClient, MeshError } from "@shoal/mesh";
import { test } from "@shoal/mesh/testing/vitest";
import { expect } from "vitest";
import { natsCli } from "../../../mesh/test/support/nats-cli.ts";
import { type MetricsReport, defineMetrics } from "../../src/index.ts";

const COUNTED = new URL("../support/counted-process.ts", import.meta.url);
const CALLS = 40;

async function read(from: MeshClient): Promise<MetricsReport["agents"][number] | undefined> {
  const { agents } = (await from.call("metrics.read", { agent: "counted" })) as MetricsReport;
  return agents[0];
}

test("ME6: a process is killed and the metrics agent begins anew: what was told is counted once, and NATS's command reads it", async ({
  nats,
}) => {
  const first = await nats.connect();
  const watching = await first.serve(defineMetrics());
  const processes = [await nats.process(COUNTED), await nats.process(COUNTED)];
  const app = await nats.connect();
  const took: number[] = [];
  await Promise.all(
    Array.from({ length: CALLS }, async (_, n) => {
      await app.call("counted.wait", { ms: n * 5 });
      took.push(n * 5);
    }),
  );
  await expect
    .poll(() => read(app), { timeout: 5_000 })
    .toMatchObject({ ended: CALLS, ok: CALLS, replicas: 2, nodes: 2 });
  const known = await read(app);
  expect(known?.running.p90Ms).toBeGreaterThan(0.9 * (CALLS - 1) * 5 * 0.95);
  expect(known?.running.p90Ms).toBeLessThan(0.9 * (CALLS - 1) * 5 * 1.3 + 30);

  const lost = app.call("counted.wait", { ms: 60_000 }, { timeout: "60s" }).catch((error: unknown) => error);
  await expect.poll(async () => (await read(app))?.now?.running, { timeout: 5_000 }).toBe(1);
  for (const each of processes) await each.kill();
  await expect(lost).resolves.toBeInstanceOf(MeshError);
  await expect.poll(async () => (await read(app))?.replicas, { timeout: 8_000 }).toBe(0);
  expect(await read(app)).toMatchObject({ ended: CALLS, now: null, running: { count: CALLS } });

  await nats.process(COUNTED);
  await watching.stop();
  const second = await nats.connect();
  await second.serve(defineMetrics());
  await app.call("counted.wait", { ms: 1 });
  await expect.poll(async () => (await read(app))?.ended, { timeout: 3_000 }).toBe(1);

  const cli = natsCli(nats.url);
  const { stdout } = await cli(["req", "--raw", `${nats.root}.metrics`, ""]);
  const { agents } = JSON.parse(stdout) as MetricsReport;
  expect(agents.map(({ agent }) => agent)).toEqual(["counted", "metrics"]);
  const filtered = await cli(["req", "--raw", `${nats.root}.metrics`, '{"agent":"counted"}']);
  expect(JSON.parse(filtered.stdout)).toMatchObject({ agents: [{ agent: "counted", ended: 1 }] });
});
