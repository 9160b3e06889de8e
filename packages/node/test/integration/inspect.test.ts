import { execFileSync } from "node:child_process";
import type { MeshClient } from "@shoal/mesh/client";
import { afterEach, expect, test } from "vitest";
import { natsCliPath } from "../../../../test/support/nats-cli.ts";
import { PROBE, type Shoal, cleanUp, client, shoal, until, up } from "../support/shoal.ts";

let mesh: MeshClient | undefined;

afterEach(async () => {
  await mesh?.close();
  mesh = undefined;
  await cleanUp();
});

interface Running {
  shoal: Shoal;
  mesh: MeshClient;
  names: string[];
  /** `shoal` on this mesh. */
  run: (...args: string[]) => ReturnType<typeof shoal>;
  url: string;
}

async function running(processes: number): Promise<Running> {
  const started = await up([PROBE, "--processes", String(processes)]);
  mesh = await client(started.url);
  const run = (...args: string[]) => shoal([...args, "--nats", started.url]);
  return { ...started, mesh, run, names: await mesh.nodes.names() };
}

/** So many requests run. */
async function begun({ nodes }: MeshClient, count: number): Promise<void> {
  await until(`${count} requests that run`, async () => {
    const answers = await nodes.askAll({ op: "inspect" });
    const replicas = answers.flatMap((each) => each["replicas"] as { running: number }[]);
    return replicas.reduce((sum, { running }) => sum + running, 0) === count;
  });
}

test("a running node is looked into, by shoal and by the nats CLI", async () => {
  const { mesh, run, names, url } = await running(2);
  const [one = ""] = names;
  const hanging = mesh.call("probe.hang", null, { timeout: "30s" }).catch((error: unknown) => error);
  await begun(mesh, 1);
  const { stdout } = await run("inspect", "probe");
  expect(stdout).toContain("probe.hang");
  expect(stdout).toContain("2 replicas on 2 nodes");
  expect(stdout).toMatch(/serving +1\/8/);
  const question = ["--server", url, "req", `mesh._.ctl.${one}`, "inspect", "--raw"];
  const byNats = execFileSync(natsCliPath(), question, { encoding: "utf8" });
  const { node, replicas } = JSON.parse(byNats) as { node: string; replicas: { agent: string }[] };
  expect([node, replicas.some(({ agent }) => agent === "probe")]).toEqual([one, true]);
  const lost = await run("inspect", "nobody");
  expect([lost.code, lost.stderr]).toEqual([
    3,
    expect.stringContaining('no agent and no node "nobody"') as string,
  ]);
  await mesh.close();
  await hanging;
}, 30_000);

test("the log level of all nodes changes while they run, and goes back by itself", async () => {
  const { run, shoal: process, names } = await running(2);
  const { stdout } = await run("log-level", "--all", "debug", "--for", "1s");
  for (const name of names)
    expect(stdout).toMatch(new RegExp(`${name} +debug +info +for 1 s, then info again`));
  await process.prints(/the log level is info: its time is up/);
  expect((await run("log-level", names[0] ?? "")).stdout).toMatch(/ info /);
  const wrong = await run("log-level", names[0] ?? "", "loud");
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("use trace, debug") as string]);
}, 30_000);

test("a node that is drained finishes its work, ends, and is not started again", async () => {
  const { mesh, run, names, shoal: process } = await running(2);
  const working = Array.from({ length: 4 }, () => mesh.call("probe.work", { ms: 3_000 }));
  await begun(mesh, 4);
  const [one = "", two = ""] = names;
  const { code, stdout } = await run("drain", one);
  expect([code, stdout]).toEqual([0, expect.stringContaining(`${one} has left`) as string]);
  expect(await Promise.all(working)).toEqual(Array(4).fill("worked"));
  await process.prints(/has left, as it was told: it is not started again/);
  expect(await mesh.nodes.names()).toEqual([two]);
  expect((await run("drain", two)).code).toBe(0);
  await process.prints(/no node is left here: NATS goes on/);
  process.signal("SIGTERM");
  expect((await process.ended).code).toBe(0);
}, 40_000);
