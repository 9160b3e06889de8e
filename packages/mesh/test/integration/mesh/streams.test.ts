import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type MeshClient, connect } from "../../../src/client.ts";
import { MemberProcess } from "../../support/member-process.ts";
import { type NatsServer, startNatsServer } from "../../../src/testing/nats-server.ts";

let server: NatsServer;
let member: MemberProcess;
let client: MeshClient;

beforeAll(async () => {
  server = await startNatsServer();
  member = await MemberProcess.start(server.url);
  client = await connect({ servers: server.url });
});

afterAll(async () => {
  await client.close();
  member.kill();
  await server.stop();
});

test("S3: a consumer that stops early cancels the producer within 50 ms", async () => {
  const tookMs: number[] = [];
  for (let round = 0; round < 10; round++) {
    member.told.length = 0;
    const heard = member.hears("cancelled");
    let leftAt = 0;
    let chunks = 0;
    for await (const _chunk of client.stream("producer.ticks")) {
      if (++chunks < 10) continue;
      leftAt = Date.now();
      break;
    }
    tookMs.push((await heard).at - leftAt);
  }
  const sorted = tookMs.toSorted((a, b) => a - b);
  // One pause of a busy machine may be longer; the producer hears it within 50 ms all the same.
  expect(sorted[8]).toBeLessThan(50);
  expect(sorted[0]).toBeLessThan(20);
});

test("S3: one that stops before the first chunk cancels it too", async () => {
  member.told.length = 0;
  const controller = new AbortController();
  const reading = client.stream("producer.ticks", undefined, { signal: controller.signal }).collect();
  reading.catch(() => {});
  controller.abort();
  await expect(reading).rejects.toMatchObject({ code: "cancelled" });
  // The request may not even have been there: then it is told as soon as its replica speaks.
  await member.hears("cancelled");
});

test("S1, S2: 1,000,000 chunks come in order, and memory stays flat on both sides", async () => {
  const CHUNKS = 1_000_000;
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const heap = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  let expected = 0;
  const here: number[] = [];
  const there: number[] = [];
  for await (const chunk of client.stream("producer.count", { to: CHUNKS })) {
    if (chunk !== expected++) expect.unreachable(`${String(chunk)} came where ${expected - 1} was due`);
    if (expected % 200_000 !== 100_000) continue;
    here.push(heap());
    there.push((await client.call("producer.memory")) as number);
  }
  expect(expected).toBe(CHUNKS);
  const MiB = 1_048_576;
  expect(Math.max(...here) - Math.min(...here)).toBeLessThan(16 * MiB);
  expect(Math.max(...there) - Math.min(...there)).toBeLessThan(16 * MiB);
}, 60_000);
