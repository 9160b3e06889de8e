import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { type Mesh, connect, defineAgent } from "../../../src/index.ts";
import { type NatsServer, startNatsServer } from "../../../src/testing/nats-server.ts";

const large = defineAgent({
  name: "large",
  version: "1.0.0",
  concurrency: 200,
  methods: {
    blob: {
      input: z.int(),
      output: z.instanceof(Uint8Array),
      run: (bytes) => new Uint8Array(bytes),
    },
    flow: {
      input: z.object({ chunks: z.int(), bytes: z.int() }),
      chunk: z.instanceof(Uint8Array),
      async *run({ chunks, bytes }) {
        for (let i = 0; i < chunks; i++) yield new Uint8Array(bytes);
      },
    },
  },
});

let nats: NatsServer;
let client: Mesh;

beforeAll(async () => {
  nats = await startNatsServer();
  const host = await connect({ servers: nats.url, name: "host" });
  client = await connect({ servers: nats.url, name: "client" });
  await host.serve(large);
  return async () => {
    await client.close();
    await host.close();
    await nats.stop();
  };
});

test("W1: 100 results of 5 MB at once all arrive: the client is not cut off as a slow consumer", async () => {
  const handle = client.agent(large);
  const calls = Array.from({ length: 100 }, () => handle.blob(5_000_000, { timeout: "40s" }));
  const sizes = (await Promise.all(calls)).map(({ length }) => length);
  expect(new Set(sizes)).toEqual(new Set([5_000_000]));
  expect(nats.log).not.toMatch(/Slow Consumer/);
});

test("W1: 100 streams of 20 chunks of 200 KB at once all come to their end", async () => {
  const handle = client.agent(large);
  const streams = Array.from({ length: 100 }, () =>
    handle.flow({ chunks: 20, bytes: 200_000 }, { timeout: "40s" }).collect(),
  );
  expect((await Promise.all(streams)).map(({ length }) => length)).toEqual(Array(100).fill(20));
  expect(nats.log).not.toMatch(/Slow Consumer/);
});
