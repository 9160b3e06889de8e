import { createServer } from "node:net";
import { once } from "node:events";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { startNatsServer } from "@shoal/mesh/testing";
import {
  PROBE,
  Shoal,
  childrenOf,
  cleanUp,
  client,
  isAlive,
  shoal,
  temporaryDirectory,
  until,
  up,
} from "../support/shoal.ts";

afterEach(cleanUp);

test("in an empty directory it serves the agents that come with Shoal, and leaves nothing behind", async () => {
  const cwd = temporaryDirectory();
  const { shoal: started, url } = await up(["--processes", "3"], { cwd });
  const nodes = childrenOf(started.pid, "bin.ts node");
  const servers = childrenOf(started.pid, "nats-server");
  expect(nodes).toHaveLength(3);
  expect(servers).toHaveLength(1);
  expect(existsSync(join(cwd, ".shoal", "nats"))).toBe(true);
  const mesh = await client(url);
  expect(await mesh.call("echo", "hello")).toBe("hello");
  const agents = await mesh.discover();
  expect(agents.map(({ name, replicas }) => [name, replicas.length])).toEqual([
    ["echo", 3],
    ["keywords", 3],
    ["metrics", 1],
    ["reader", 3],
    ["summarizer", 3],
  ]);
  await until("the metrics agent to know all three", async () => {
    const told = await mesh.call("metrics.read", { agent: "echo" });
    return JSON.stringify(told).includes('"replicas":3,"nodes":3');
  });
  await mesh.close();

  started.signal("SIGTERM");
  expect(await started.ended).toMatchObject({ code: 0 });
  expect([...nodes, ...servers].filter(isAlive)).toEqual([]);
  expect(existsSync(join(cwd, ".shoal", "nats.json"))).toBe(false);
});

/** Takes a port for the rest of the test: at once, or as soon as whoever has it lets it go. */
async function keepTaken(port: number): Promise<void> {
  const server = createServer();
  const listen = (): void => void server.listen(port, "127.0.0.1");
  let retry: NodeJS.Timeout | undefined;
  server.on("error", () => (retry = setTimeout(listen, 20)));
  onTestFinished(() => {
    clearTimeout(retry);
    server.close();
  });
  await new Promise((done) => {
    server.once("listening", done).once("error", done);
    listen();
  });
}

test("N2: where the usual port is taken another is used and told, and commands beside it find it", async () => {
  await keepTaken(4222);
  const cwd = temporaryDirectory();
  const { shoal: started, url } = await up([], { cwd });
  expect(url).not.toContain(":4222");
  expect(started.stdout).toContain(`port 4222 is taken: this NATS is on ${url.split(":").at(-1)}`);
  expect(started.stdout).toContain(`export NATS_URL=${url}`);
  expect((await shoal(["call", "echo", "found"], { cwd })).stdout).toBe("found\n");
});

test("N2: a port that was asked for and is taken: told, and no other is used", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as { port: number };
  const { code, stderr } = await shoal(["up", "--port", String(port)], { cwd: temporaryDirectory() });
  expect(stderr).toContain(`port ${port} is taken: name another.`);
  expect(code).toBe(1);
  taken.close();
});

test("N1: a second one in the same directory is refused, and the first one runs on", async () => {
  const cwd = temporaryDirectory();
  const { shoal: first, url } = await up([], { cwd });
  const second = await shoal(["up"], { cwd });
  expect(second.code).toBe(1);
  expect(second.stderr).toBe(
    `shoal: another \`shoal up\` (process ${first.pid}) runs with ${join(cwd, ".shoal")}: ` +
      "stop it first, or start this one in another directory.\n",
  );
  const mesh = await client(url);
  expect(await mesh.call("echo", "still here")).toBe("still here");
  await mesh.close();
});

test("N1: of two that start at once in one directory, one is refused", async () => {
  const cwd = temporaryDirectory();
  const both = [new Shoal(["up"], { cwd }), new Shoal(["up"], { cwd })];
  const refused = await Promise.race(both.map(({ ended }) => ended));
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("another `shoal up`") as string });
  const winner = both.find(({ child }) => child.exitCode === null);
  await winner?.prints(/mesh ready/);
});

test("N3: stopped while it starts, it leaves no server", async () => {
  const started = new Shoal(["up"], { cwd: temporaryDirectory() });
  let servers: number[] = [];
  await until("the server's start", () => (servers = childrenOf(started.pid, "nats-server")).length > 0);
  started.signal("SIGTERM");
  expect(await started.ended).toMatchObject({ code: 0, stderr: "" });
  await until("the server's end", () => !servers.some(isAlive));
});

test("with an existing NATS it starts none, and never shows the credentials", async () => {
  const server = await startNatsServer({ config: 'authorization { user: ann, password: "s3cret" }' });
  const cwd = temporaryDirectory();
  const address = `nats://ann:s3cret@127.0.0.1:${server.port}`;
  const started = new Shoal(["up", PROBE, "--nats", address], { cwd, env: { SHOAL_LOG_LEVEL: "trace" } });
  await started.prints(/mesh ready on nats:\/\/…@127/);
  expect(childrenOf(started.pid, "nats-server")).toEqual([]);
  expect(existsSync(join(cwd, ".shoal"))).toBe(false);
  const mesh = await client(address);
  expect(await mesh.call("probe.record", { text: "x" })).toEqual({ text: "x", length: 1 });
  await mesh.close();

  await server.kill();
  await started.prints(/lost NATS/);
  await server.restart();
  await started.prints(/reconnected/);
  started.signal("SIGINT");
  const { code, stdout, stderr } = await started.ended;
  expect(code).toBe(0);
  expect(stdout + stderr).not.toContain("s3cret");
  await server.stop();
});

test("a configuration that is wrong: every mistake, exit 2, nothing started", async () => {
  const cwd = temporaryDirectory({ "shoal.yaml": "proceses: 2\ndrainTimeout: soon\nagents: [ecko]\n" });
  const { code, stdout, stderr } = await shoal(["up"], { cwd });
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toBe(
    `shoal: 3 mistakes:
  shoal.yaml:1:1  proceses: unknown setting; did you mean "processes"?
  shoal.yaml:2:1  drainTimeout: not a duration: write 250 (milliseconds), "250ms", "10s", "5m" or "2h"
  shoal.yaml:3:10  agents[0]: no agent that comes with Shoal and no package is called "ecko"; did you mean "echo"?
`,
  );
  expect(existsSync(join(cwd, ".shoal"))).toBe(false);
});

const BROKEN = `
import { defineAgent } from "@shoal/mesh";
import { z } from "zod";
export const broken = defineAgent({
  name: "broken",
  version: "1.0.0",
  onStart: () => { throw new Error("no database"); },
  methods: { run: { input: z.unknown(), run: () => 1 } },
});
`;

test("an agent that does not start: the cause is told, and the waits between the attempts grow", async () => {
  // It finds its packages as a file of this package would.
  const cwd = temporaryDirectory({ "broken.ts": BROKEN });
  symlinkSync(new URL("../../node_modules", import.meta.url), join(cwd, "node_modules"));
  const started = new Shoal(["up", "broken.ts"], { cwd });
  const failures = (): Record<string, unknown>[] => started.log.filter(({ waitMs }) => waitMs !== undefined);
  await until(
    "three attempts",
    () => failures().length >= 3,
    () => started.stdout + started.stderr,
  );
  expect(failures()[0]?.["msg"]).toBe(
    'node 1 ended (agent "broken" did not start: no database.); starting it again',
  );
  const waits = failures().map(({ waitMs }) => Number(waitMs));
  expect(waits[1]).toBeGreaterThan(300);
  expect(waits[2]).toBeGreaterThan(600);
  started.signal("SIGTERM");
  expect(await started.ended).toMatchObject({ code: 0, stderr: "" });
});

test("NATS that cannot be started: its own words, exit 1", async () => {
  const cwd = temporaryDirectory();
  mkdirSync(join(cwd, ".shoal"));
  writeFileSync(join(cwd, ".shoal", "nats"), "not a directory");
  const { code, stderr } = await shoal(["up"], { cwd });
  expect(code).toBe(1);
  expect(stderr).toMatch(/nats-server did not start\. The end of its log, .*nats\.log:\n[^]*not a directory/);
  expect(existsSync(join(cwd, ".shoal", "nats.json"))).toBe(false);
});
