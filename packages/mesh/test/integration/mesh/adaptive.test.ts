import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { type Hosting, type Mesh, MeshError, connect, defineAgent } from "../../../src/index.ts";
import { type MeshClient, connect as connectClient } from "../../../src/client.ts";
import { RecordingLogger } from "../../../src/testing/recording-logger.ts";
import { type NatsServer, startNatsServer } from "../../../src/testing/nats-server.ts";

const MESSAGES = 2_000;
const KNEE = 12;

let server: NatsServer;
let mesh: Mesh;
let client: MeshClient;
let learning: Hosting;
const times = new Map<string, number>();
let running = 0;
let most = 0;

/** Beyond the knee it refuses. */
const backend = async (key: string): Promise<void> => {
  times.set(key, (times.get(key) ?? 0) + 1);
  if (running >= 2 * KNEE) throw new MeshError("overloaded", "too many at once.");
  running++;
  most = Math.max(most, running);
  await sleep(running > KNEE ? 5 * (running / KNEE) ** 2 : 5);
  running--;
};

const agent = (name: string, concurrency: Parameters<typeof defineAgent>[0]["concurrency"]) =>
  defineAgent({
    name,
    version: "1.0.0",
    ...(concurrency === undefined ? {} : { concurrency }),
    methods: {
      work: {
        input: z.int(),
        output: z.int(),
        async run(n) {
          await backend(`${name}:${n}`);
          return n;
        },
      },
    },
  });

const wide = agent("wide", 500);
const learner = agent("learner", { policy: "aimd", min: 2, max: 40 });

beforeAll(async () => {
  server = await startNatsServer();
  mesh = await connect({ servers: server.url, logger: new RecordingLogger() });
  await mesh.serve(wide);
  [learning] = [await mesh.serve(learner)];
  client = await connectClient({ servers: server.url, name: "caller", logger: new RecordingLogger() });
});

afterAll(async () => {
  await client.close();
  await mesh.close();
  await server.stop();
});

function onceEach(name: string): void {
  const counts = [...times].filter(([key]) => key.startsWith(`${name}:`));
  expect(counts).toHaveLength(MESSAGES);
  expect(counts.every(([, count]) => count === 1)).toBe(true);
}

test.each(["simple", "aimd", "gradient"] as const)(
  "E1, E5: a batch under %s does every message once, in order, over a real server",
  async (policy) => {
    times.clear();
    const messages = Array.from({ length: MESSAGES }, (_, n) => n);
    const limits = new Set<number>();
    const results = client.batch(client.agent(wide).work, messages, {
      concurrency: { policy },
      onProgress: ({ limit }) => limits.add(limit),
    });
    const all = await results.collect();
    expect(all.map(({ index }) => index)).toEqual(messages);
    for (const each of all) if (each.status === "fulfilled") expect(each.value).toBe(each.item);
    onceEach("wide");
    expect(limits.size).toBeGreaterThan(3);
  },
);

test("Q2: a replica finds its slots, everybody is answered, and the mesh shows how many there are", async () => {
  times.clear();
  most = 0;
  const messages = Array.from({ length: MESSAGES }, (_, n) => n);
  const slots: number[] = [];
  const all = await client
    .batch("learner.work", messages, { concurrency: 100, onProgress: () => slots.push(learning.load.slots) })
    .collect();
  expect(all).toHaveLength(MESSAGES);
  onceEach("learner");
  expect(Math.max(...slots)).toBeGreaterThan(KNEE);
  expect(Math.min(...slots)).toBeGreaterThanOrEqual(2);
  expect(most).toBeLessThanOrEqual(2 * KNEE);
  const [info] = await client.discover("learner");
  expect(info?.replicas).toMatchObject([{ concurrency: learning.load.slots, policy: "aimd 2–40" }]);
});
