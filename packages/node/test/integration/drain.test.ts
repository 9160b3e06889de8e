import { existsSync } from "node:fs";
import { join } from "node:path";
import type { MeshClient } from "@shoal/mesh/client";
import { afterEach, expect, test } from "vitest";
import { startNatsServer } from "@shoal/mesh/testing";
import {
  PROBE,
  Shoal,
  childrenOf,
  cleanUp,
  client,
  isAlive,
  temporaryDirectory,
  until,
  up,
} from "../support/shoal.ts";

let mesh: MeshClient | undefined;

afterEach(async () => {
  await mesh?.close();
  mesh = undefined;
  await cleanUp();
});

async function busy(args: readonly string[]): Promise<{ shoal: Shoal; begun: () => Promise<void> }> {
  const cwd = temporaryDirectory();
  const note = join(cwd, "probe.txt");
  const { shoal, url } = await up([PROBE, ...args], { cwd, env: { PROBE_FILE: note } });
  mesh = await client(url);
  return { shoal, begun: () => until("the handler's start", () => existsSync(note)) };
}

test("SIGTERM: what runs is finished and answered, exit 0, nothing is left", async () => {
  const { shoal, begun } = await busy([]);
  const pids = [...childrenOf(shoal.pid, "bin.ts node"), ...childrenOf(shoal.pid, "nats-server")];
  const working = mesh?.call("probe.work", { ms: 600 });
  await begun();
  shoal.signal("SIGTERM");
  expect(await working).toBe("worked");
  expect((await shoal.ended).code).toBe(0);
  expect(pids).toHaveLength(2);
  expect(pids.filter(isAlive)).toEqual([]);
});

test("one Ctrl-C that arrives twice, as under npm, is one", async () => {
  const { shoal, begun } = await busy([]);
  const working = mesh?.call("probe.work", { ms: 600 });
  await begun();
  shoal.signal("SIGINT");
  shoal.signal("SIGINT");
  expect(await working).toBe("worked");
  expect((await shoal.ended).code).toBe(0);
});

test("a process manager that signals the whole group at once loses nothing", async () => {
  const { shoal, begun } = await busy([]);
  const nodes = childrenOf(shoal.pid, "bin.ts node");
  const working = mesh?.call("probe.work", { ms: 800 });
  await begun();
  for (const node of nodes) process.kill(node, "SIGTERM");
  await shoal.prints(/draining/);
  shoal.signal("SIGTERM");
  expect(await working).toBe("worked");
  expect((await shoal.ended).code).toBe(0);
});

test("a second signal exits at once, and leaves nothing", async () => {
  const { shoal, begun } = await busy([]);
  const pids = [...childrenOf(shoal.pid, "bin.ts node"), ...childrenOf(shoal.pid, "nats-server")];
  const hanging = mesh?.call("probe.hang", null, { timeout: "30s" }).catch((error: unknown) => error);
  await begun();
  const from = performance.now();
  shoal.signal("SIGTERM");
  await shoal.prints(/draining/);
  // The second one counts when it is not the first one's echo.
  const again = setInterval(() => shoal.signal("SIGTERM"), 100);
  const { code, stdout } = await shoal.ended;
  clearInterval(again);
  expect(code).toBe(130);
  expect(stdout).toContain("stopping at once");
  expect(performance.now() - from).toBeLessThan(5_000);
  await until("their end", () => pids.every((pid) => !isAlive(pid)));
  await mesh?.close();
  expect(await hanging).toMatchObject({ name: "MeshError" });
});

test("a handler that never ends: the caller is told, and the drain ends in its time", async () => {
  const { shoal, begun } = await busy(["--drain-timeout", "500ms"]);
  const hanging = mesh?.call("probe.hang", null, { timeout: "30s" }).catch((error: unknown) => error);
  await begun();
  const from = performance.now();
  shoal.signal("SIGTERM");
  expect(await hanging).toMatchObject({ code: "replica_lost" });
  expect((await shoal.ended).code).toBe(0);
  expect(performance.now() - from).toBeGreaterThan(450);
  expect(performance.now() - from).toBeLessThan(4_000);
});

test("`shoal node` waits for a NATS that comes later, says so, and drains on SIGINT", async () => {
  const server = await startNatsServer();
  await server.kill();
  const node = new Shoal(["node", PROBE, "--nats", server.url]);
  await node.prints(/NATS at nats:\/\/127\.0\.0\.1:\d+ does not answer; waiting for it/);
  await server.restart();
  await node.prints(/serving probe/);
  mesh = await client(server.url);
  expect(await mesh.call("probe.pid")).toBe(node.pid);
  node.signal("SIGINT");
  expect((await node.ended).code).toBe(0);
  await server.stop();
});

test("`shoal node` stops while it waits for NATS", async () => {
  const server = await startNatsServer();
  await server.stop();
  const node = new Shoal(["node", PROBE, "--nats", server.url]);
  await node.prints(/waiting for it/);
  node.signal("SIGTERM");
  expect((await node.ended).code).toBe(0);
});
