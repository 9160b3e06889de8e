import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { type Mesh, connect, defineAgent, methodOf, pipeline } from "../../../src/index.ts";
import { type MeshClient, connect as connectClient } from "../../../src/client.ts";
import { natsCli } from "../../support/nats-cli.ts";
import { type NatsServer, startNatsServer } from "../../../src/testing/nats-server.ts";

let server: NatsServer;
let client: MeshClient;
const members: Mesh[] = [];
const processed: string[] = [];

const processor = defineAgent({
  name: "processor",
  version: "1.0.0",
  concurrency: 2,
  methods: {
    process: {
      input: z.string(),
      output: z.object({ text: z.string(), by: z.string() }),
      idempotent: true,
      async run(text, { request }) {
        processed.push(text);
        await sleep(5);
        return { text: text.toUpperCase(), by: request.replica };
      },
    },
  },
});

/** The pipeline of the guide that this project began with. */
const analysis = pipeline({ name: "analysis", input: z.string(), idempotent: true })
  .gate("validate", (text) => text.trim() !== "" || "there is nothing to analyse")
  .stage("process", methodOf(processor, "process"), { timeout: "10s", retry: 3 })
  .stage("analyse", ({ text, by }) => ({ text, length: text.length, by }))
  .build();

beforeAll(async () => {
  server = await startNatsServer();
  client = await connectClient({ servers: server.url });
  for (let n = 0; n < 2; n++) await member();
});

afterEach(() => {
  processed.length = 0;
});

afterAll(async () => {
  for (const mesh of members) await mesh.close();
  await client.close();
  await server.stop();
});

async function member(): Promise<Mesh> {
  const mesh = await connect({ servers: server.url });
  members.push(mesh);
  await mesh.serve(processor);
  await mesh.serve(analysis);
  return mesh;
}

test("P11, P16: ten items at once: what is not valid ends at the gate, and nobody processes it", async () => {
  const items = ["a", "", "b", " ", "c", "d", "e", "f", "g", "h"];
  const results = await client.agent(analysis).each({ items }).collect();
  expect(results.map(({ index, status }) => `${index} ${status}`)).toEqual(
    items.map((item, index) => `${index} ${item.trim() === "" ? "rejected" : "fulfilled"}`),
  );
  expect(processed.toSorted()).toEqual(["a", "b", "c", "d", "e", "f", "g", "h"]);
  expect(results[1]).toMatchObject({
    error: { code: "bad_request", details: { pipeline: "analysis", stage: "validate", index: 1 } },
  });
});

test("a pool of pipelines: a member that leaves in the middle takes nothing with it", async () => {
  const leaving = await member();
  const items = Array.from({ length: 200 }, (_each, n) => `item ${n}`);
  const results = client.batch(client.agent(analysis).run, items, { concurrency: 20, timeout: "20s" });
  let taken = 0;
  let left: Promise<void> | undefined;
  for await (const result of results) {
    expect(result.status === "fulfilled" ? result.value.text : result.reason).toBe(`ITEM ${taken}`);
    if (++taken === 50) left = leaving.drain();
  }
  await left;
  expect(taken).toBe(200);
});

test("P14: a person sees what failed, and where; and what happens on the way", async () => {
  const nats = natsCli(server.url);
  const said = await nats(["req", "mesh.analysis", " ", "--raw"]);
  expect(said.stdout).toContain('"stage":"validate"');
  const watched = await nats([
    "req",
    "mesh.analysis.watch",
    "hello",
    "--raw",
    "-H",
    "Shoal-Stream:true",
    "--wait-for-empty",
  ]);
  expect(watched.stdout).toContain('"event":"done","stage":"process"');
  expect(watched.stdout).toContain('"event":"result"');
});
