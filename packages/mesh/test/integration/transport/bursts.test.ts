import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { type Mesh, connect, defineAgent } from "../../../src/index.ts";
import { open, server } from "./connect.ts";
import { until } from "./waiting.ts";

const sizes = defineAgent({
  name: "sizes",
  version: "1.0.0",
  concurrency: 64,
  mailbox: 20_000,
  methods: { of: { input: z.instanceof(Uint8Array), output: z.int(), run: (bytes) => bytes.length } },
});

async function member(servers: string): Promise<Mesh> {
  const mesh = await connect({ servers });
  onTestFinished(() => mesh.close());
  return mesh;
}

test("T5: a burst in one turn is no reason to refuse anything while the server is there", async () => {
  const nats = await server();
  const [sender, receiver] = [await open({ servers: nats.url }), await open({ servers: nats.url })];
  const numbers: number[] = [];
  receiver.subscribe("flood", ({ payload }) => numbers.push(Buffer.from(payload).readUInt32BE()));
  await receiver.flush();
  for (let i = 0; i < 200; i++) {
    const payload = Buffer.alloc(900_000);
    payload.writeUInt32BE(i);
    sender.publish("flood", payload);
  }
  await until(() => numbers.length === 200);
  // T1
  expect(numbers).toEqual(Array.from({ length: 200 }, (_each, i) => i));
  expect(nats.log).not.toMatch(/Slow Consumer/);
});

test("the limit is there while the connection is down", async () => {
  const nats = await server();
  const sender = await open({ servers: nats.url });
  await nats.kill();
  await until(() => sender.status === "disconnected");
  const flood = (): void => {
    for (let i = 0; i < 100; i++) sender.publish("flood", Buffer.alloc(900_000));
  };
  expect(flood).toThrow("over 67108864 bytes wait to be sent to NATS.");
});

test.each([
  { count: 10_000, bytes: 8_192 },
  { count: 200, bytes: 900_000 },
])("$count calls of $bytes bytes in one turn all succeed", async ({ count, bytes }) => {
  const { url } = await server();
  const [host, client] = [await member(url), await member(url)];
  await host.serve(sizes);
  const input = new Uint8Array(bytes);
  const handle = client.agent(sizes);
  const calls = Array.from({ length: count }, () => handle.of(input, { timeout: "30s" }));
  expect(new Set(await Promise.all(calls))).toEqual(new Set([bytes]));
});
