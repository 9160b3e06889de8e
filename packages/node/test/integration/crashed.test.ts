import { fileURLToPath } from "node:url";
import type { MeshClient, Observed } from "@shoal/mesh/client";
import { afterEach, expect, test } from "vitest";
import { type NatsServer, startNatsServer } from "@shoal/mesh/testing";
import { serverNameAt } from "../../src/process/nats-greeting.ts";
import { PROBE, Shoal, cleanUp, client, isAlive, temporaryDirectory, until, up } from "../support/shoal.ts";

const SLOW_STARTER = fileURLToPath(new URL("../fixtures/slow-starter.ts", import.meta.url));
const FAULTY = fileURLToPath(new URL("../fixtures/faulty.ts", import.meta.url));

let mesh: MeshClient | undefined;

afterEach(async () => {
  await mesh?.close();
  mesh = undefined;
  await cleanUp();
});

/** A mesh of faulty agents, and the events on it. */
async function faultyMesh(
  args: readonly string[] = [],
): Promise<{ shoal: Shoal; mesh: MeshClient; events: Observed[] }> {
  const { shoal, url } = await up([FAULTY, ...args]);
  mesh = await client(url);
  const events: Observed[] = [];
  mesh.observe((observed) => {
    if (observed.type === "event") events.push(observed);
  });
  return { shoal, mesh, events };
}

/** A process of several threads stops a little after its signal. */
async function standStill(server: NatsServer): Promise<void> {
  server.signal("SIGSTOP");
  await until("NATS to stand still", async () => (await serverNameAt(server.port)) === undefined);
}

test.each([
  ["forget", "nobody awaits this"],
  ["later", "thrown by a timer"],
  ["odd", "\\[Object: null prototype\\] {}"],
])(
  "X2: an error that nobody handles (%s) is logged with its agent, drains the node and ends it",
  async (method, message) => {
    const { shoal, mesh, events } = await faultyMesh();
    const pid = await mesh.call("faulty.pid");
    const working = mesh.call("faulty.work", { ms: 800 });
    expect(await mesh.call(`faulty.${method}`)).toBe("fine");
    await shoal.prints(
      new RegExp(`node 1 ended \\(unhandled error in faulty.${method}: ${message}\\); starting it again`),
    );
    // What ran has been finished.
    expect(await working).toBe("worked");
    const line = shoal.log.find(({ msg }) => msg === `unhandled error in faulty.${method}`);
    expect(line).toMatchObject({
      agent: "faulty",
      method,
      request: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    });
    expect(events).toContainEqual(expect.objectContaining({ kind: "crashed" }));
    await until("another process", async () => {
      return (await mesh.call("faulty.pid", null, { timeout: "1s" }).catch(() => pid)) !== pid;
    });
  },
  30_000,
);

test("X2: actors that do not come back end their node, with a code of its own", async () => {
  const server = await startNatsServer();
  const node = new Shoal(["node", FAULTY, "--nats", server.url]);
  await node.prints(/serving faulty/);
  mesh = await client(server.url);
  // Five restarts in 60 s are allowed, with waits of 0.2 to 3.2 s between them.
  for (let i = 0; i < 6; i++) await mesh.call("faulty.fail", null, { timeout: "20s" }).catch(() => {});
  expect((await node.ended).code).toBe(6);
  expect(node.stdout).toContain('the supervisor of \\"faulty\\" gives up: faulty failed (it broke)');
  await server.stop();
}, 40_000);

test("X2: an error that nobody handles ends `shoal node` with a code of its own", async () => {
  const server = await startNatsServer();
  const node = new Shoal(["node", FAULTY, "--nats", server.url]);
  await node.prints(/serving faulty/);
  mesh = await client(server.url);
  await mesh.call("faulty.later");
  expect((await node.ended).code).toBe(5);
  await server.stop();
});

test.each([
  ["an unhandled error", 5],
  ["SIGTERM", 0],
])("X1, X2: %s drains what serves while the rest still starts", async (how, code) => {
  const server = await startNatsServer();
  const caller = (mesh = await client(server.url));
  const loading = new Promise<void>((resolve) => {
    caller.observe((observed) => {
      if (observed.type === "event" && observed.kind === "loading") resolve();
    });
  });
  const cwd = temporaryDirectory({ "shoal.yaml": `agents: ["${FAULTY}", "${SLOW_STARTER}"]\n` });
  const node = new Shoal(["node", "shoal.yaml", "--nats", server.url], { cwd });
  await loading;
  const working = mesh.call("faulty.work", { ms: 800 });
  await mesh.call("faulty.pid");
  if (how === "SIGTERM") node.signal("SIGTERM");
  else await mesh.call("faulty.later");
  expect(await working).toBe("worked");
  expect((await node.ended).code).toBe(code);
  await server.stop();
});

test("X3: a node ends though its parent does not listen, whatever it has to tell", async () => {
  const { shoal, mesh } = await faultyMesh(["--drain-timeout", "500ms"]);
  const pid = Number(await mesh.call("faulty.pid"));
  shoal.signal("SIGSTOP");
  await mesh.call("faulty.large");
  await until("its end", () => !isAlive(pid));
  shoal.signal("SIGCONT");
  await shoal.prints(/node 1 ended \(unhandled error in faulty.large: x{900,1000}…\)/);
});

test("X3: under `shoal up` too, a drain that hangs ends with a word, and not with SIGKILL", async () => {
  const server = await startNatsServer();
  const shoal = new Shoal(["up", PROBE, "--nats", server.url, "--drain-timeout", "500ms"]);
  await shoal.prints(/mesh ready/);
  await standStill(server);
  shoal.signal("SIGTERM");
  await shoal.ended;
  expect(shoal.stdout).toContain("the drain does not end: leaving");
  server.signal("SIGCONT");
  await server.stop();
});

test("X1, X3: a node that is told to stop ends, though its NATS server hangs", async () => {
  const server = await startNatsServer();
  const node = new Shoal(["node", PROBE, "--nats", server.url, "--drain-timeout", "500ms"]);
  await node.prints(/serving probe/);
  await standStill(server);
  const from = performance.now();
  node.signal("SIGTERM");
  await node.ended;
  expect(performance.now() - from).toBeLessThan(10_000);
  server.signal("SIGCONT");
  await server.stop();
}, 20_000);

test("H1, H2: a handler that computes for 3 s is named, and what came meanwhile is done by another node", async () => {
  const { shoal, mesh, events } = await faultyMesh(["--processes", "2"]);
  const computing = mesh.call("faulty.compute", { ms: 3_000 }, { timeout: "20s" });
  const meanwhile = Array.from({ length: 40 }, async (_each, i) => {
    await new Promise((resolve) => setTimeout(resolve, 100 + i * 20));
    return mesh.call("faulty.pid", null, { timeout: "20s", idempotent: true });
  });
  expect(await computing).toBe("computed");
  expect(await Promise.all(meanwhile)).toHaveLength(40);
  await shoal.prints(/faulty.compute blocked the event loop for 3\d\d\d ms/);
  expect(events).toContainEqual(expect.objectContaining({ kind: "blocked", agent: "faulty" }));
}, 30_000);
