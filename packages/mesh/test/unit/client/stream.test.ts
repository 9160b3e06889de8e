import { expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import { MeshError } from "../../../src/errors.ts";
import { Kind } from "../../../src/protocol/frame.ts";
import { Gate, turns } from "../../support/actor-fixture.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";

class Producer {
  produced = 0;
  cleaned = 0;
  signal: AbortSignal | undefined;
  readonly gate: Gate = new Gate();

  readonly agent = defineAgent({
    name: "producer",
    version: "1.0.0",
    concurrency: 8,
    methods: {
      count: {
        input: z.object({ to: z.int(), size: z.int().default(0), failAt: z.int().optional() }),
        chunk: z.unknown(),
        run: ({ to, size, failAt }, ctx) => this.count(to, size, failAt, ctx.signal),
      },
      idle: { input: z.unknown(), chunk: z.unknown(), run: (_input, ctx) => this.idle(ctx.signal) },
      blob: {
        input: z.int(),
        output: z.string(),
        run: (size) => Buffer.alloc(size, "abcdefgh").toString(),
      },
    },
  });

  private async *count(to: number, size: number, failAt: number | undefined, signal: AbortSignal) {
    this.signal = signal;
    try {
      for (let i = 0; i < to; i++) {
        if (i === failAt) throw new MeshError("conflict", "half way");
        this.produced++;
        yield size > 0 ? Buffer.alloc(size, i) : i;
      }
    } finally {
      this.cleaned++;
    }
  }

  private async *idle(signal: AbortSignal) {
    this.signal = signal;
    try {
      yield "first";
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    } finally {
      this.cleaned++;
    }
  }
}

async function world(options: { maxPayload?: number } = {}) {
  const mesh = new InProcessMesh(options);
  const { mesh: host, transport: hostTransport } = await mesh.join();
  const { mesh: client, transport } = await mesh.join();
  const producer = new Producer();
  await host.serve(producer.agent);
  return { mesh, host, client, transport, hostTransport, producer };
}

test("S1: chunks come in order, each once, and the end is an end", async () => {
  const { client } = await world();
  const chunks = await client.stream("producer.count", { to: 1_000 }).collect();
  expect(chunks).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
});

test("S1: an error in the middle comes after the chunks before it", async () => {
  const { client, producer } = await world();
  const seen: unknown[] = [];
  const reading = (async () => {
    for await (const chunk of client.stream("producer.count", { to: 9, failAt: 3 })) seen.push(chunk);
  })();
  await expect(reading).rejects.toMatchObject({
    code: "conflict",
    message: "half way",
    agent: "producer",
    method: "count",
  });
  expect(seen).toEqual([0, 1, 2]);
  expect(producer.cleaned).toBe(1);
});

test.each([Kind.chunk, Kind.end])(
  "S1: a lost frame of kind %d is an error, and the producer is cancelled",
  async (kind) => {
    const { client, hostTransport, producer, mesh } = await world();
    let seen = 0;
    hostTransport.onPublish = (message) => !(message.kind === kind && seen++ === 0);
    const reading = client.stream("producer.count", { to: 600 }, { timeout: 1_000 }).collect();
    const failure = mesh.settle(reading).catch((error: unknown) => error);
    const expected =
      kind === Kind.chunk
        ? {
            code: "replica_lost",
            message: "a chunk of producer.count was lost: number 1 came where 0 was due.",
          }
        : { code: "deadline_exceeded" };
    expect(await failure).toMatchObject(expected);
    await turns(5);
    expect(producer.cleaned).toBe(1);
    if (kind === Kind.chunk) expect(producer.produced).toBeLessThan(600);
  },
);

test("S2: the producer is never more than the window ahead of its consumer", async () => {
  const { client, producer } = await world();
  let consumed = 0;
  for await (const _chunk of client.stream("producer.count", { to: 200 }, { window: 16 })) {
    consumed++;
    await turns(4);
    // One more is made, and waits to be sent.
    expect(producer.produced - consumed).toBeLessThanOrEqual(16 + 1);
  }
  expect(consumed).toBe(200);
});

test("S2: large chunks cost more of the window", async () => {
  const { client, producer } = await world();
  const stream = client.stream("producer.count", { to: 100, size: 40_960 }, { window: 44 });
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.next();
  await turns(10);
  // 11 units each: four fit into 44, one has been consumed (not granted yet), one waits to be sent.
  expect(producer.produced).toBeLessThanOrEqual(6);
  await iterator.return?.();
});

test.each([1, 2, 3, 256, 0xffff_ffff])(
  "S2: a stream under a window of %d comes to its end",
  async (window) => {
    const { client } = await world();
    expect(await client.stream("producer.count", { to: 50 }, { window }).collect()).toHaveLength(50);
    expect(
      await client.stream("producer.count", { to: 20, size: 10_000 }, { window }).collect(),
    ).toHaveLength(20);
  },
);

test("S3: leaving early cancels the producer: its finally runs and ctx.signal fires", async () => {
  const { client, producer } = await world();
  for await (const chunk of client.stream("producer.count", { to: 1e9 })) if (chunk === 10) break;
  await turns(5);
  expect(producer.cleaned).toBe(1);
  expect(producer.signal?.aborted).toBe(true);
  expect(producer.signal?.reason).toMatchObject({ code: "cancelled" });
});

test("S3: a producer that waits for something of its own hears it through ctx.signal", async () => {
  const { client, producer } = await world();
  for await (const chunk of client.stream("producer.idle")) {
    expect(chunk).toBe("first");
    break;
  }
  await turns(5);
  expect(producer.cleaned).toBe(1);
});

test("S3: an AbortSignal ends the stream and cancels the producer", async () => {
  const { client, producer } = await world();
  const controller = new AbortController();
  const reading = (async () => {
    for await (const _chunk of client.stream("producer.idle", 1, { signal: controller.signal }))
      controller.abort();
  })();
  await expect(reading).rejects.toMatchObject({ code: "cancelled" });
  await turns(5);
  expect(producer.cleaned).toBe(1);
});

test("a stream that nobody reads asks for nothing, and one that was left is over", async () => {
  const { client, transport } = await world();
  const iterator = client.stream("producer.count", { to: 3 })[Symbol.asyncIterator]();
  await turns(2);
  expect(await iterator.return?.()).toEqual({ done: true, value: undefined });
  expect(await iterator.next()).toEqual({ done: true, value: undefined });
  expect(transport.framesOf(Kind.request)).toEqual([]);
});

test("readers that do not wait for each other each get their chunk", async () => {
  const { client } = await world();
  const iterator = client.stream("producer.count", { to: 3 })[Symbol.asyncIterator]();
  const steps = await Promise.all(Array.from({ length: 5 }, () => iterator.next()));
  expect(steps.map(({ value }) => value as unknown)).toEqual([0, 1, 2, undefined, undefined]);
});

test("after its error a stream is over", async () => {
  const { client } = await world();
  const iterator = client.stream("producer.count", { to: 3, failAt: 0 })[Symbol.asyncIterator]();
  await expect(iterator.next()).rejects.toMatchObject({ code: "conflict" });
  expect(await iterator.next()).toEqual({ done: true, value: undefined });
});

test("each iteration of a stream is a request of its own", async () => {
  const { client, transport } = await world();
  const stream = client.stream("producer.count", { to: 2 });
  expect(await stream.collect()).toEqual([0, 1]);
  expect(await stream.collect()).toEqual([0, 1]);
  expect(transport.framesOf(Kind.request)).toHaveLength(2);
});

test("a result larger than max_payload comes in parts, to a call and to a stream", async () => {
  const { client, hostTransport } = await world({ maxPayload: 100_000 });
  const expected = Buffer.alloc(2_000_000, "abcdefgh").toString();
  expect((await client.call("producer.blob", 2_000_000)) === expected).toBe(true);
  expect(hostTransport.framesOf(Kind.part).length).toBeGreaterThan(20);
  const chunks = await client.stream("producer.blob", 2_000_000).collect();
  expect(chunks.length === 1 && chunks[0] === expected).toBe(true);
});

test("a lost part is an error, and the replica stops sending", async () => {
  const { client, hostTransport, host, mesh } = await world({ maxPayload: 100_000 });
  let seen = 0;
  hostTransport.onPublish = (message) => !(message.kind === Kind.part && seen++ === 1);
  await expect(client.call("producer.blob", 20_000_000)).rejects.toMatchObject({
    code: "replica_lost",
    agent: "producer",
    message: "a part of the result of producer.blob was lost: 2 came where 1 was due.",
  });
  await turns(10);
  expect(hostTransport.framesOf(Kind.part).length).toBeLessThan(100);
  expect((await mesh.settle(host.stats("producer")))[0]?.methods[2]).toMatchObject({
    requests: 1,
    errors: 1,
  });
});

test("a result over 64 MiB is too_large, and the replica stops sending", async () => {
  const { client, hostTransport, producer } = await world();
  await expect(client.call("producer.blob", 80 * 1_048_576)).rejects.toMatchObject({
    code: "too_large",
    message: "the result of producer.blob is over 67108864 bytes: return a stream, or a reference.",
  });
  await turns(10);
  expect(hostTransport.framesOf(Kind.part).length).toBeLessThan(300);
  expect(producer.cleaned).toBe(0);
});

test("a chunk larger than max_payload ends the stream with too_large, and the generator's finally runs", async () => {
  const { client, producer } = await world({ maxPayload: 1_000 });
  await expect(client.stream("producer.count", { to: 3, size: 2_000 }).collect()).rejects.toMatchObject({
    code: "too_large",
  });
  expect(producer.cleaned).toBe(1);
});

test("a slow consumer's deadline ends the stream after the chunks that came in time", async () => {
  const { client, mesh } = await world();
  const iterator = client.stream("producer.idle", 1, { timeout: 500 })[Symbol.asyncIterator]();
  await turns(3);
  const first = iterator.next();
  await turns(3);
  await mesh.advance(600);
  expect(await first).toEqual({ done: false, value: "first" });
  await expect(iterator.next()).rejects.toMatchObject({ code: "deadline_exceeded" });
});
