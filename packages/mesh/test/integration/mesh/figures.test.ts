import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import { connect } from "../../../src/mesh.ts";
import { StatsFollower } from "../../../src/stats/follower.ts";
import { type NatsServer, startNatsServer } from "../../../src/testing/nats-server.ts";
import { RecordingLogger } from "../../../src/testing/recording-logger.ts";

const CONFIG = `authorization { users = [
  { user: all, password: secret }
  { user: mute, password: secret, permissions: { publish: { deny: ["mesh._.stats.>"] } } }
] }`;

const echo = defineAgent({
  name: "echo",
  version: "1.0.0",
  methods: { say: { input: z.string(), output: z.string(), run: (text) => text } },
});

let server: NatsServer;
beforeAll(async () => {
  server = await startNatsServer({ config: CONFIG });
});
afterAll(() => server.stop());

test("a node that may not tell its figures says so once, and serves", async () => {
  const logger = new RecordingLogger();
  const login = { servers: server.url, user: "mute", pass: "secret", logger };
  await using node = await connect({ ...login, stats: { interval: "100ms" } });
  await node.serve(echo);
  const told = (): string[] =>
    logger.lines.map(({ message }) => message).filter((each) => each.includes("figures"));
  await expect.poll(told).toEqual(["this node tells no figures: NATS does not let this user publish them"]);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await node.call("echo.say", "hello")).toBe("hello");
  expect(told()).toHaveLength(1);
  expect(node.figures().replicas).toMatchObject([{ agent: "echo" }]);
});

test("ME5: NATS is started again: what came meanwhile is told, and who listens knows all of it", async () => {
  const own = await startNatsServer();
  const options = { servers: own.url, reconnectTimeWait: 50, logger: new RecordingLogger() };
  await using node = await connect({ ...options, name: "node", stats: { interval: "100ms" } });
  await using app = await connect({ ...options, name: "app" });
  await node.serve(echo);
  const follower = new StatsFollower({ port: app.port, root: "mesh", onHeard: () => {} });
  await follower.start();
  const ended = (): number | undefined => follower.known[0]?.mirror.figures.replicas[0]?.methods[0]?.ended;
  await app.call("echo.say", "before");
  await expect.poll(ended).toBe(1);
  await own.restart();
  await expect
    .poll(() => [node.port.isConnected, app.port.isConnected], { timeout: 5_000 })
    .toEqual([true, true]);
  await app.call("echo.say", "after", { timeout: "5s" });
  await expect.poll(ended, { timeout: 5_000 }).toBe(2);
  expect(follower.known[0]?.mirror.figures.connection.reconnects).toBe(1);
  follower.stop();
  await node.close();
  await app.close();
  await own.stop();
});
