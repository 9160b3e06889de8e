import { fileURLToPath } from "node:url";
import type { MeshClient } from "@shoal/mesh/client";
import { afterEach, expect, test } from "vitest";
import { cleanUp, client, shoal, temporaryDirectory, until, up } from "../support/shoal.ts";

const BOOKS = fileURLToPath(new URL("../fixtures/books.ts", import.meta.url));
const CONFIG = `
agents: ["${BOOKS}", echo]
trees:
  - { name: library, strategy: rest-for-one, children: [index, search] }
`;

let mesh: MeshClient | undefined;

afterEach(async () => {
  await mesh?.close();
  mesh = undefined;
  await cleanUp();
});

test("V1, V2: a tree of a configuration is restarted as it says, seen by `shoal info`, and stops in reverse order", async () => {
  const cwd = temporaryDirectory({ "shoal.yaml": CONFIG });
  const check = await shoal(["check"], { cwd });
  expect(check.stdout).toMatch(/index .*library\n/);
  const { shoal: running, url } = await up([], { cwd });
  mesh = await client(url);
  await mesh.call("index.fail").catch(() => {});
  await until("the next life of search", async () => (await mesh?.call("search.life")) === 2);
  await mesh.call("search.fail").catch(() => {});
  await until("the third life of search", async () => (await mesh?.call("search.life")) === 3);
  expect(await mesh.call("index.life")).toBe(2);
  const info = await shoal(["info", "search", "--nats", url]);
  expect(info.stdout).toMatch(/RESTARTS/);
  running.signal("SIGTERM");
  await running.ended;
  const ends = running.log.map(({ msg }) => String(msg)).filter((msg) => msg.includes("ends life"));
  expect(ends.slice(-2)).toEqual(["search ends life 3", "index ends life 2"]);
});
