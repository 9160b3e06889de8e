import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { type Mesh, connect, defineAgent } from "../../../src/index.ts";
import { type NatsServer, startNatsServer } from "../../../src/testing/nats-server.ts";
import { RecordingLogger } from "../../../src/testing/recording-logger.ts";

const worker = defineAgent({
  name: "worker",
  version: "1.0.0",
  concurrency: 64,
  methods: {
    work: {
      input: z.object({ n: z.int(), ms: z.int().default(0) }),
      output: z.int(),
      async run({ n, ms }) {
        if (ms > 0) await delay(ms);
        return n;
      },
    },
  },
});

let server: NatsServer;
let host: Mesh;
let client: Mesh;
const log = new RecordingLogger();

beforeEach(async () => {
  server = await startNatsServer();
  const options = { servers: server.url, reconnectTimeWait: 50, reconnectJitter: 0, logger: log };
  host = await connect({ ...options, name: "host" });
  client = await connect({ ...options, name: "client" });
  await host.serve(worker);
});

afterEach(async () => {
  await client.close();
  await host.close();
  await server.stop();
});

async function bothAre(status: Mesh["status"]): Promise<void> {
  while (client.status !== status || host.status !== status) await delay(5);
}

test("C1: calls made while the server is down are sent when it is back", async () => {
  expect(await client.agent(worker).work({ n: 1 })).toBe(1);
  await server.kill();
  await bothAre("disconnected");
  const calls = Array.from({ length: 50 }, (_, n) => client.agent(worker).work({ n }, { timeout: "20s" }));
  const late = client.agent(worker).work({ n: 0 }, { timeout: 100 });
  await expect(late).rejects.toMatchObject({ code: "deadline_exceeded" });
  await server.restart();
  const outcomes = await Promise.allSettled(calls);
  // Whoever is back first may find the other one missing: that is said, not swallowed.
  for (const each of outcomes)
    if (each.status === "rejected")
      expect(each.reason).toMatchObject({ code: "unavailable", retryable: true });
  await bothAre("connected");
  expect(await client.agent(worker).work({ n: 2 }, { timeout: "20s" })).toBe(2);
  expect(log.lines.map(({ message }) => message)).toContain("lost NATS; reconnecting");
});

test("calls under way when the server dies end, every one of them, within their deadline", async () => {
  const startedAt = Date.now();
  const calls = Array.from({ length: 200 }, (_, n) =>
    client.agent(worker).work({ n, ms: 20 }, { timeout: "3s" }),
  );
  const outcomes = Promise.allSettled(calls);
  await delay(30);
  await server.restart();
  const ended = await outcomes;
  expect(Date.now() - startedAt).toBeLessThan(4_000);
  for (const [n, each] of ended.entries()) {
    if (each.status === "fulfilled") expect(each.value).toBe(n);
    // `replica_lost`: it was answered while the caller had no connection.
    else
      expect(["deadline_exceeded", "unavailable", "replica_lost"]).toContain(
        (each.reason as { code: string }).code,
      );
  }
});

test("a mesh closes soon although its server is gone", async () => {
  const call = client.agent(worker).work({ n: 1, ms: 50 }, { timeout: "20s" });
  const failure = call.catch((error: unknown) => error);
  await delay(20);
  await server.kill();
  await bothAre("disconnected");
  const startedAt = Date.now();
  await Promise.all([client.close(), host.close()]);
  expect(Date.now() - startedAt).toBeLessThan(2_000);
  expect(await failure).toMatchObject({ code: "unavailable" });
});

test("a mesh closes soon although its server dies while it drains", async () => {
  const call = client.agent(worker).work({ n: 1, ms: 300 }, { timeout: "20s" });
  call.catch(() => {});
  await delay(20);
  const startedAt = Date.now();
  const closed = host.close();
  await server.kill();
  await closed;
  expect(Date.now() - startedAt).toBeLessThan(3_000);
});
