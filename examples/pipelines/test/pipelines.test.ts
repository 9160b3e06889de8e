import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { type Mesh, connect, implement } from "@shoal/mesh";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type NatsServer, startNatsServer } from "@shoal/mesh/testing";
import { counter, topWords } from "../src/map-reduce.ts";
import { bestOffer, east, north, west } from "../src/scatter-gather.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "shoal-pipelines-"));
const LINE = "the sea is wide and the fish are many\n";

let nats: NatsServer;
let client: Mesh;
const members: Mesh[] = [];

beforeAll(async () => {
  nats = await startNatsServer();
  client = await connect({ servers: nats.url });
});

afterEach(async () => {
  for (const member of members.splice(0)) await member.close();
});

afterAll(async () => {
  await client.close();
  await nats.stop();
  rmSync(folder, { recursive: true });
});

async function member(): Promise<Mesh> {
  const mesh = await connect({ servers: nats.url });
  members.push(mesh);
  return mesh;
}

it("runs as it is described", async () => {
  const file = join(folder, "sea.txt");
  writeFileSync(file, LINE.repeat(400));
  const child = spawn(process.execPath, ["--conditions=shoal-source", MAIN, file], {
    env: { ...process.env, NATS_URL: nats.url },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  const [words, offer] = stdout.trim().split("\n");
  expect((JSON.parse(words ?? "") as unknown[]).slice(0, 2)).toEqual([
    { word: "the", count: 800 },
    { word: "and", count: 400 },
  ]);
  expect(JSON.parse(offer ?? "")).toEqual({ best: { shop: "south", price: 6 }, offers: 2 });
  expect(stderr).toMatch(/8 of 8 pages\n$/);
  expect(child.exitCode).toBe(0);
});

it("map-reduce: every page once, by all of the pool, and the counts are those of the whole text", async () => {
  const by = new Map<string, number>();
  let pages = 0;
  for (let n = 0; n < 3; n++) {
    const counting = implement(counter.contract, {
      methods: {
        async count(page, ctx) {
          pages++;
          by.set(ctx.request.replica, (by.get(ctx.request.replica) ?? 0) + 1);
          await new Promise((resolve) => setTimeout(resolve, 5));
          return (counter.handlers["count"] as (page: string) => Record<string, number>)(page);
        },
      },
    });
    await (await member()).serve(counting);
  }
  await (await member()).serve(topWords);
  const found = await client.agent(topWords).run(LINE.repeat(2_000));
  expect(found).toHaveLength(8);
  expect(found.slice(0, 2)).toEqual([
    { word: "the", count: 4_000 },
    { word: "and", count: 2_000 },
  ]);
  expect(pages).toBe(39);
  expect(by.size).toBe(3);
});

it("scatter-gather: too few offers are an error that tells which shop failed", async () => {
  const mesh = await member();
  for (const agent of [north, west, east]) await mesh.serve(agent);
  await mesh.serve(bestOffer);
  await expect(client.agent(bestOffer).run({ article: "net" })).rejects.toMatchObject({
    details: {
      pipeline: "best-offer",
      stage: expect.stringMatching(/^offers\/(west|east|south)$/) as string,
    },
  });
});
