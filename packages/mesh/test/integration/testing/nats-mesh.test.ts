import { fileURLToPath } from "node:url";
import { describe, expect } from "vitest";
import { z } from "zod";
import { defineContract } from "../../../src/contract/contract.ts";
import { connect } from "../../../src/mesh.ts";
import { NatsMesh } from "../../../src/testing/nats-mesh.ts";
import { natsServerPath, startNatsServer } from "../../../src/testing/nats-server.ts";
import { test } from "../../../src/testing/vitest.ts";

const WORKER = new URL("./pid-worker.ts", import.meta.url);

const contract = defineContract({
  name: "writer",
  version: "1.0.0",
  methods: { prompt: { input: z.string(), output: z.string(), idempotent: true } },
});

test("FX6: two meshes on one server do not meet", async ({ natsServer }) => {
  await using one = await NatsMesh.on(natsServer);
  await using two = await NatsMesh.on(natsServer);
  const mock = await one.mock(contract);
  mock.on.prompt().replies("one");
  expect(await (await one.connect()).agent(contract).prompt("a")).toBe("one");
  await expect((await two.connect()).agent(contract).prompt("a")).rejects.toThrow("nobody listens");
});

test.for(["mesh", "nats"] as const)(
  "durable tasks leave nothing behind: %s",
  async (where, { mesh, nats }) => {
    const world = where === "mesh" ? mesh : nats;
    const mock = await world.mock(contract, {}, { tasks: true });
    mock.on.prompt("a").replies("hi");
    const app = where === "mesh" ? await mesh.member() : await nats.connect();
    const ticket = await app.submit(app.agent(contract).prompt, "a");
    const result = ticket.result();
    expect(await (where === "mesh" ? mesh.settle(result) : result)).toBe("hi");
  },
);

describe("FX7: what is left is told", () => {
  test("FX7: a connection, and what it listens to", async ({ natsServer }) => {
    const nats = await NatsMesh.on(natsServer);
    await using stray = await connect({ servers: nats.url, root: nats.root, name: "stray" });
    await stray.serve({ contract, handlers: { prompt: (text: string) => text } });
    await expect(nats.close()).rejects.toThrow(/"stray" is open still, subscribed to .*\.writer\.\*/);
  });

  test("FX7: one from before that listens below this root; others from before do not count", async ({
    natsServer,
  }) => {
    await using old = await connect({ servers: natsServer.url, name: "old" });
    const nats = await NatsMesh.on(natsServer);
    await nats.close();
    const again = await NatsMesh.on(natsServer);
    await using stray = await connect({ servers: natsServer.url, name: "old", root: again.root });
    await stray.serve({ contract, handlers: { prompt: (text: string) => text } });
    await expect(again.close()).rejects.toThrow(`"old" is open still`);
    expect(old.status).toBe("connected");
  });

  test("FX7: processes and proxies are gone, and members closed, whatever hangs in them", async ({
    natsServer,
  }) => {
    const nats = await NatsMesh.on(natsServer);
    const worker = await nats.process(WORKER);
    const proxy = await nats.proxy();
    const mock = await nats.mock(contract);
    mock.on.prompt().hangs();
    const app = await nats.connect({ servers: proxy.url });
    const outcome = app
      .agent(contract)
      .prompt("a")
      .catch((error: unknown) => error);
    await expect.poll(() => mock.calls.length).toBe(1);
    proxy.stall();
    await nats.close();
    expect(worker.isAlive).toBe(false);
    expect(app.status).toBe("closed");
    expect(await outcome).toMatchObject({ name: "MeshError" });
  });
});

describe("a module as a process", () => {
  test("it is found in the mesh, and is gone at once when it is killed", async ({ nats }) => {
    const workers = [await nats.process(WORKER), await nats.process(fileURLToPath(WORKER))];
    const app = await nats.connect();
    await workers[0]?.kill();
    expect(await app.call("pid.of", "it is")).toBe(`it is ${workers[1]?.pid}`);
    await workers[1]?.stop();
    expect(workers.map(({ isAlive }) => isAlive)).toEqual([false, false]);
    await expect(app.call("pid.of", "x")).rejects.toThrow("nobody listens");
  });

  test("one that does not start is told with its output", async ({ nats }) => {
    const missing = new URL("./no-worker.ts", import.meta.url);
    await expect(nats.process(missing)).rejects.toThrow(
      /no-worker\.ts ended with 1 before .*\n[^]*Cannot find module/,
    );
  });
});

test("a proxy cuts and stalls a connection, and heals", async ({ nats }) => {
  const mock = await nats.mock(contract);
  mock.on.prompt().replies("hi");
  const proxy = await nats.proxy();
  const app = await nats.connect({ servers: proxy.url });
  const writer = app.agent(contract);
  expect(await writer.prompt("a")).toBe("hi");
  proxy.stall("down");
  await expect(writer.prompt("b", { timeout: "200ms" })).rejects.toMatchObject({ code: "deadline_exceeded" });
  proxy.heal();
  expect(await writer.prompt("c", { timeout: "5s" })).toBe("hi");
});

describe("the server", () => {
  test("one that is not monitored does not tell of its connections", async () => {
    const server = await startNatsServer();
    await expect(server.connections()).rejects.toThrow("`monitored: true`");
    await server.stop();
  });

  test("none at all is an error that says how to get one", () => {
    const { PATH, SHOAL_NATS_SERVER } = process.env;
    const cwd = process.cwd();
    try {
      process.env["PATH"] = "";
      delete process.env["SHOAL_NATS_SERVER"];
      process.chdir("/");
      expect(() => natsServerPath()).toThrow(/found none.*brew install nats-server.*SHOAL_NATS_SERVER/s);
    } finally {
      process.chdir(cwd);
      if (PATH !== undefined) process.env["PATH"] = PATH;
      if (SHOAL_NATS_SERVER !== undefined) process.env["SHOAL_NATS_SERVER"] = SHOAL_NATS_SERVER;
    }
  });
});
