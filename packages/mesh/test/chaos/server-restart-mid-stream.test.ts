import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { type Mesh, type MeshError, connect, defineAgent } from "../../src/index.ts";
import { type NatsServer, startNatsServer } from "../../src/testing/nats-server.ts";
import { RecordingLogger } from "../../src/testing/recording-logger.ts";

let stopped = 0;

const producer = defineAgent({
  name: "producer",
  version: "1.0.0",
  concurrency: 16,
  methods: {
    /** Chunks of 4 KiB, as fast as their consumer takes them. */
    flood: {
      input: z.int(),
      chunk: z.instanceof(Uint8Array),
      async *run(count) {
        try {
          for (let i = 0; i < count; i++) yield new Uint8Array(4_096);
        } finally {
          stopped++;
        }
      },
    },
    blob: {
      input: z.int(),
      output: z.instanceof(Uint8Array),
      async run(bytes) {
        await delay(50);
        return new Uint8Array(bytes);
      },
    },
  },
});

let server: NatsServer;
let host: Mesh;
let client: Mesh;

beforeEach(async () => {
  stopped = 0;
  server = await startNatsServer();
  const options = {
    servers: server.url,
    reconnectTimeWait: 50,
    reconnectJitter: 0,
    logger: new RecordingLogger(),
  };
  host = await connect({ ...options, name: "host" });
  client = await connect({ ...options, name: "client" });
  await host.serve(producer);
});

afterEach(async () => {
  await client.close();
  await host.close();
  await server.stop();
});

async function bothAre(status: Mesh["status"]): Promise<void> {
  while (client.status !== status || host.status !== status) await delay(5);
}

/** When both are connected again, after the server has died and come back. */
async function reconnected(): Promise<number> {
  await server.kill();
  await bothAre("disconnected");
  await server.restart();
  await bothAre("connected");
  return performance.now();
}

test("P4: streams under way when the server is restarted end within 3 s of the reconnect, and their producers stop", async () => {
  const readers = Array.from({ length: 8 }, async () => {
    for await (const _chunk of client.agent(producer).flood(1e9)) await delay(1);
  });
  const outcomes = Promise.allSettled(readers);
  await delay(200);
  const backAt = await reconnected();
  for (const each of await outcomes) {
    expect(each.status).toBe("rejected");
    if (each.status === "rejected") expect((each.reason as MeshError).code).toBe("replica_lost");
  }
  expect(performance.now() - backAt).toBeLessThan(3_000);
  while (stopped < 8) await delay(10);
  expect(performance.now() - backAt).toBeLessThan(3_000);
});

test("P4: so do those that nobody was reading, whose credit or chunks were lost", async () => {
  const iterators = Array.from({ length: 8 }, () =>
    client.agent(producer).flood(1e9)[Symbol.asyncIterator](),
  );
  await Promise.all(iterators.map((each) => each.next()));
  const backAt = await reconnected();
  const rest = iterators.map(async (each) => {
    while (!(await each.next()).done);
  });
  for (const each of await Promise.allSettled(rest)) {
    expect(each.status).toBe("rejected");
    // A gap, where the next chunk is there before the replica's word.
    if (each.status === "rejected") expect((each.reason as MeshError).code).toBe("replica_lost");
  }
  expect(performance.now() - backAt).toBeLessThan(3_000);
});

test("P4: results in parts end too, or arrive", async () => {
  const calls = Array.from({ length: 8 }, () => client.agent(producer).blob(40_000_000));
  const outcomes = Promise.allSettled(calls);
  // Accepted, and then answered in part.
  await delay(100);
  const backAt = await reconnected();
  for (const each of await outcomes) {
    if (each.status === "fulfilled") expect(each.value).toHaveLength(40_000_000);
    else expect((each.reason as MeshError).code).toBe("replica_lost");
  }
  expect(performance.now() - backAt).toBeLessThan(6_000);
});
