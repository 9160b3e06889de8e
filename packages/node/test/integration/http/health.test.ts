import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { startNatsServer } from "@shoal/mesh/testing";
import { PROBE, Shoal, cleanUp, client, shoal, temporaryDirectory, until, up } from "../../support/shoal.ts";

afterEach(cleanUp);

const ADDRESS = /health and figures on (http:\/\/[^\s"]+)/;

async function look(url: string, path: string): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${url}${path}`);
  return { status: answer.status, body: await answer.json() };
}

async function readiness(url: string): Promise<number> {
  return (await fetch(`${url}/readyz`)).status;
}

test("HE3, HE4: a node waits for NATS, serves, loses NATS, finds it again; it lives all the time", async () => {
  const nats = await startNatsServer();
  onTestFinished(() => nats.stop());
  await nats.kill();
  const node = new Shoal(["node", PROBE, "--nats", nats.url, "--http", "0"]);
  const [, url = ""] = await node.prints(ADDRESS);
  expect(await look(url, "/healthz")).toEqual({ status: 200, body: { alive: true } });
  expect(await look(url, "/readyz")).toEqual({
    status: 503,
    body: { ready: false, missing: [`NATS at ${nats.url} has not answered yet`] },
  });

  await nats.restart();
  await until("a ready node", async () => (await readiness(url)) === 200);
  expect(await look(url, "/readyz")).toEqual({ status: 200, body: { ready: true, missing: [] } });
  await using mesh = await client(nats.url);
  expect(await mesh.call("probe.pid")).toBe(node.pid);

  await nats.kill();
  await until("a node without NATS", async () => (await readiness(url)) === 503);
  expect(await look(url, "/readyz")).toMatchObject({
    body: { missing: [`the connection to NATS at ${nats.url} is lost`] },
  });
  expect((await look(url, "/healthz")).status).toBe(200);

  await nats.restart();
  await until("a ready node", async () => (await readiness(url)) === 200);
});

test("HE2, HE5: a node that drains is not ready at once, lives until it has finished, and is gone then", async () => {
  const nats = await startNatsServer();
  onTestFinished(() => nats.stop());
  const note = join(temporaryDirectory(), "probe.txt");
  const node = new Shoal(["node", PROBE, "--nats", nats.url, "--http", "0"], { env: { PROBE_FILE: note } });
  const [, url = ""] = await node.prints(ADDRESS);
  await until("a ready node", async () => (await readiness(url)) === 200);
  await using mesh = await client(nats.url);
  const working = mesh.call("probe.work", { ms: 800 });
  await until("the handler's start", () => existsSync(note));

  node.signal("SIGTERM");
  await node.prints(/draining/);
  expect(await look(url, "/readyz")).toMatchObject({
    status: 503,
    body: { missing: ["it drains: work that runs is finished, and no more is taken"] },
  });
  expect((await look(url, "/healthz")).status).toBe(200);
  expect(await working).toBe("worked");
  expect((await node.ended).code).toBe(0);
  await expect(fetch(`${url}/healthz`)).rejects.toThrow("fetch failed");
});

test("HE3: an agent that has been given up is missing", async () => {
  const nats = await startNatsServer();
  onTestFinished(() => nats.stop());
  const cwd = temporaryDirectory({
    "shoal.yaml": `http: { port: 0 }\nagents: [echo, { use: ${PROBE}, onFailure: stop }]\n`,
  });
  const node = new Shoal(["node", "--nats", nats.url], { cwd });
  const [, url = ""] = await node.prints(ADDRESS);
  await until("a ready node", async () => (await readiness(url)) === 200);
  await using mesh = await client(nats.url);
  await mesh.call("probe.fail").catch(() => {});
  await until("one that is not ready", async () => (await readiness(url)) === 503);
  expect(await look(url, "/readyz")).toMatchObject({ body: { missing: ["probe has stopped"] } });
});

test("of several processes each has the next port, and one that is taken ends them all, with what to do", async () => {
  const port = await freePorts(2);
  const { shoal: started, url } = await up([PROBE, "--processes", "2", "--http", String(port)]);
  for (const each of [port, port + 1]) {
    expect(started.stdout).toContain(`health and figures on http://127.0.0.1:${each}`);
    expect(await readiness(`http://127.0.0.1:${each}`)).toBe(200);
  }
  const second = await shoal(["up", PROBE, "--nats", url, "--http", String(port + 1)]);
  expect(second.stdout).toContain(`port ${port + 1} of 127.0.0.1 is taken`);
  expect(second.stdout).toContain("name another port, or 0 for any that is free");
  expect(second.code).toBe(2);
});

/** The first of so many ports that are free, one after the other. */
async function freePorts(count: number): Promise<number> {
  for (let tries = 0; tries < 50; tries++) {
    const first = 20_000 + Math.floor(Math.random() * 10_000);
    const servers = Array.from({ length: count }, (_each, i) =>
      createServer().listen(first + i, "127.0.0.1"),
    );
    const areFree = await Promise.all(servers.map((server) => once(server, "listening"))).then(
      () => true,
      () => false,
    );
    for (const server of servers) server.close();
    if (areFree) return first;
  }
  throw new Error("no free ports");
}
