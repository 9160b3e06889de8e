import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { MeshClient } from "@shoal/mesh/client";
import { afterEach, expect, test } from "vitest";
import { THINKER } from "../../support/worker-mesh.ts";
import { PROBE, cleanUp, client, temporaryDirectory, up } from "../../support/shoal.ts";

let mesh: MeshClient | undefined;

afterEach(async () => {
  await mesh?.close();
  mesh = undefined;
  await cleanUp();
});

function yaml(): string {
  return `
log: { level: info }
agents:
  - { use: "${new URL(THINKER).pathname}#thinker", name: sage, worker: true, replicas: 2 }
  - { use: echo, worker: true }
  - ${PROBE}
`;
}

test("`worker: true` in a configuration: a thread for each replica, and a node that stops in order", async () => {
  const { shoal, url } = await up([], { cwd: temporaryDirectory({ "shoal.yaml": yaml() }) });
  const caller = (mesh = await client(url));
  // Of the two replicas NATS picks one at random.
  const threads = await Promise.all(Array.from({ length: 40 }, () => caller.call("sage.thread")));
  expect(new Set(threads).size).toBe(2);
  expect(await mesh.call("echo.say", "hello")).toBe("hello");
  expect(await mesh.stream("echo.words", { text: "a b" }).collect()).toEqual(["a ", "b"]);

  const burning = mesh.call("sage.burn", { ms: 2_000 });
  const from = performance.now();
  expect(await mesh.call("probe.record", { text: "still here" })).toEqual({ text: "still here", length: 10 });
  expect(performance.now() - from).toBeLessThan(1_000);
  shoal.signal("SIGTERM");
  // R2
  expect(await burning).toBe("burnt");
  expect((await shoal.ended).code).toBe(0);
  expect(shoal.log.filter(({ msg }) => msg === "awake")).toHaveLength(2);
  expect(shoal.log.find(({ msg }) => msg === "awake")).toMatchObject({ agent: "sage" });
});

test("a thread that dies takes neither its node nor the other agents with it", async () => {
  const { shoal, url } = await up([], { cwd: temporaryDirectory({ "shoal.yaml": yaml() }) });
  mesh = await client(url);
  const pid = await mesh.call("probe.pid");
  await expect(mesh.call("sage.die", "throw")).rejects.toMatchObject({ code: "replica_lost" });
  await shoal.prints(/sage has failed: starting anew/);
  expect(await mesh.call("probe.pid")).toBe(pid);
  expect(await mesh.call("sage.count")).toBe(1);
});

test("a package's agent has a thread too, by the exports that `import` sees", async () => {
  const cwd = temporaryDirectory({ "shoal.yaml": "agents: [{ use: ponder#second, worker: true }]\n" });
  const installed = join(cwd, "node_modules/ponder");
  mkdirSync(installed, { recursive: true });
  symlinkSync(fileURLToPath(new URL("../../../../mesh", import.meta.url)), join(cwd, "node_modules/mesh"));
  writeFileSync(
    join(installed, "package.json"),
    JSON.stringify({ name: "ponder", type: "module", exports: { import: "./main.js" } }),
  );
  writeFileSync(
    join(installed, "main.js"),
    `import { isMainThread } from "node:worker_threads";
     import { defineAgent } from "../mesh/src/index.ts";
     import { z } from "../mesh/node_modules/zod/index.js";
     const where = { input: z.unknown(), output: z.boolean(), run: () => isMainThread };
     export const first = defineAgent({ name: "first", version: "1.0.0", methods: { where } });
     export const second = defineAgent({ name: "second", version: "1.0.0", methods: { where } });`,
  );
  const { url } = await up([], { cwd });
  mesh = await client(url);
  expect(await mesh.call("second")).toBe(false);
});
