import { expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../src/index.ts";
import { mesh, numbers, proxyOf, server } from "../support/chaos-mesh.ts";

/** A server that has little patience with whoever does not read. */
const STRICT = 'max_pending: 1MB\nwrite_deadline: "300ms"';
const PAGE = 16_384;

/** Pages of a long book. */
const book = defineAgent({
  name: "book",
  version: "1.0.0",
  concurrency: 64,
  methods: {
    read: {
      input: z.int(),
      chunk: z.instanceof(Uint8Array),
      resumable: true,
      async *run(pages, { request }) {
        for (let n = request.from; n < pages; n++) yield new Uint8Array(PAGE).fill(n);
      },
    },
    weigh: {
      input: z.instanceof(Uint8Array),
      output: z.int(),
      idempotent: true,
      run: (page) => page.length,
    },
  },
});

test("P4, S1: a client that is cut off as a slow consumer comes back, and its streams go on where they were", async () => {
  const nats = await server(STRICT);
  const proxy = await proxyOf(nats);
  const host = await mesh(nats.url);
  await host.serve(book);
  const client = await mesh(proxy.url);
  const lost = new Promise<void>((resolve) => {
    client.onStatus(({ type }) => type === "disconnected" && resolve());
  });
  proxy.set({ bytesPerS: 100_000 }, "down");
  const reading = numbers(4).map(() =>
    client.agent(book).read(500, { timeout: "40s", window: 1_024 }).collect(),
  );
  await lost;
  proxy.heal();
  for (const pages of await Promise.all(reading)) {
    expect(pages.map(([first]) => first)).toEqual(numbers(500).map((n) => n % 256));
  }
  expect(nats.log).toMatch(/Slow Consumer/);
  // A producer of which nothing arrived waits for credit until its deadline.
  await host.drain({ timeout: 100 });
}, 60_000);

test("P4: what was on its way to a node that is cut off as a slow consumer is asked again", async () => {
  const nats = await server(STRICT);
  const proxy = await proxyOf(nats);
  const [host, other] = [await mesh(proxy.url), await mesh(nats.url)];
  await host.serve(book);
  await other.serve(book);
  const client = await mesh(nats.url);
  const lost = new Promise<void>((resolve) => {
    host.onStatus(({ type }) => type === "disconnected" && resolve());
  });
  proxy.set({ bytesPerS: 100_000 }, "down");
  const asking = numbers(160).map(() =>
    client.agent(book).weigh(new Uint8Array(262_144), { timeout: "40s" }),
  );
  const outcomes = Promise.all(asking);
  await lost;
  proxy.heal();
  expect(new Set(await outcomes)).toEqual(new Set([262_144]));
  expect(nats.log).toMatch(/Slow Consumer/);
}, 60_000);
