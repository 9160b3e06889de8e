import { afterEach, expect, test } from "vitest";
import { cleanUp, client, shoal, temporaryDirectory, up } from "../support/shoal.ts";

afterEach(cleanUp);

test("shoal top without a terminal is one table, and JSON for machines", async () => {
  const cwd = temporaryDirectory({ "shoal.yaml": "agents: [echo, { use: metrics }]\n" });
  const { url } = await up([], { cwd });
  const mesh = await client(url);
  for (let n = 0; n < 20; n++) await mesh.call("echo.say", "hello");
  await mesh.close();
  const { code, stdout } = await shoal(["top", "--nats", url]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^shoal top {2}mesh {2}1 node · 2 replicas/);
  expect(stdout).toMatch(/\necho +1 ······ +0\//);
  expect(stdout).not.toContain("\u001B");
  const json = await shoal(["top", "--once", "--json", "--nats", url]);
  expect(JSON.parse(json.stdout)).toMatchObject({ agents: [{ agent: "echo" }, { agent: "metrics" }] });
}, 30_000);

test("without a metrics agent it says how to get one", async () => {
  const { url } = await up(["./shoal.yaml"], {
    cwd: temporaryDirectory({ "shoal.yaml": "agents: [echo]\nmetrics: false\n" }),
  });
  const { code, stderr } = await shoal(["top", "--nats", url]);
  expect([code, stderr]).toEqual([3, expect.stringContaining("`- use: metrics` among the agents") as string]);
}, 30_000);
