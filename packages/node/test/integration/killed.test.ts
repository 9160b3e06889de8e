import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { MeshClient } from "@shoal/mesh/client";
import { afterEach, expect, test } from "vitest";
import {
  PROBE,
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

/** True when some node answers. */
async function isServed(): Promise<boolean> {
  try {
    return (await mesh?.call("probe.pid", null, { timeout: "1s" })) !== undefined;
  } catch {
    return false;
  }
}

test("a node that is killed is started again and serves", async () => {
  const { shoal, url } = await up([PROBE]);
  mesh = await client(url);
  const first = Number(await mesh.call("probe.pid"));
  process.kill(first, "SIGKILL");
  const [, why] = await shoal.prints(/node 1 ended \((\w+)\); starting it again/);
  expect(why).toBe("SIGKILL");
  await until("an answer", isServed);
  expect(await mesh.call("probe.pid")).not.toBe(first);
  shoal.signal("SIGTERM");
  expect((await shoal.ended).code).toBe(0);
});

test("a nats-server that is killed is started again on its port, and the nodes find it", async () => {
  const { shoal, url } = await up([PROBE, "--processes", "2"]);
  mesh = await client(url);
  await mesh.call("probe.pid");
  const [server = 0] = childrenOf(shoal.pid, "nats-server");
  const nodes = childrenOf(shoal.pid, "bin.ts node");
  process.kill(server, "SIGKILL");
  await shoal.prints(/nats-server died \(SIGKILL\); starting it again/);
  await until(
    "both nodes back",
    () => shoal.log.filter(({ msg }) => msg === "reconnected to NATS").length === 2,
  );
  await until("an answer", isServed);
  // Nobody but the server was started again.
  expect(nodes.filter(isAlive)).toEqual(nodes);
  expect(childrenOf(shoal.pid, "nats-server")).not.toContain(server);
});

test("N1: when `shoal up` is killed its nodes drain and go, and the next one stops the server that is left", async () => {
  const cwd = temporaryDirectory();
  const note = join(cwd, "probe.txt");
  const { shoal, url } = await up([PROBE], { cwd, env: { PROBE_FILE: note } });
  mesh = await client(url);
  const [node = 0] = childrenOf(shoal.pid, "bin.ts node");
  const [server = 0] = childrenOf(shoal.pid, "nats-server");
  const working = mesh.call("probe.work", { ms: 700 });
  await until("the handler's start", () => existsSync(note));
  shoal.signal("SIGKILL");
  // What ran is finished and answered, though the parent is gone.
  expect(await working).toBe("worked");
  await until("the end of the node", () => !isAlive(node));
  expect(isAlive(server)).toBe(true);

  const next = await up([], { cwd });
  expect(isAlive(server)).toBe(false);
  const state = JSON.parse(readFileSync(join(cwd, ".shoal", "nats.json"), "utf8")) as { owner: number };
  expect(state.owner).toBe(next.shoal.pid);
});

test("under npx, where a shell swallows SIGTERM, the mesh stops all the same", async () => {
  const { shoal } = await up([PROBE], { underNpm: true });
  const [own = 0] = childrenOf(shoal.pid, "bin.ts");
  const children = [...childrenOf(own, "nats-server"), ...childrenOf(own, "bin.ts")];
  expect(children).toHaveLength(2);
  shoal.signal("SIGTERM");
  await until("its end", () => ![own, ...children].some(isAlive));
});
