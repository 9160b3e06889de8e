import { expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import { MeshError } from "../../../src/errors.ts";
import type { Transport } from "../../../src/transport/transport.ts";
import { turns } from "../../support/actor-fixture.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";

const agent = defineAgent({
  name: "counter",
  version: "2.0.1",
  description: "Counts",
  concurrency: 3,
  methods: {
    next: {
      input: z.object({ by: z.int().default(1) }),
      output: z.int(),
      description: "The next number",
      idempotent: true,
      timeout: "2s",
      run: ({ by }) => {
        if (by === 13) throw new MeshError("conflict", "bad luck");
        return by;
      },
    },
    list: { input: z.unknown(), chunk: z.int(), run: () => [1] },
  },
});

async function ask(transport: Transport, subject: string): Promise<Record<string, unknown>[]> {
  const replies: Record<string, unknown>[] = [];
  const inbox = transport.newInbox();
  transport.subscribe(inbox, ({ payload, noResponders }) => {
    if (!noResponders) replies.push(JSON.parse(Buffer.from(payload).toString()) as Record<string, unknown>);
  });
  transport.publish(subject, new Uint8Array(0), { reply: inbox });
  await turns(4);
  return replies;
}

async function world(options: { maxPayload?: number } = {}) {
  const mesh = new InProcessMesh(options);
  const [host, { mesh: client, transport }] = [await mesh.member({ node: "n" }), await mesh.join()];
  const { id } = await host.serve(agent);
  const identity = {
    name: "counter",
    id,
    version: "2.0.1",
    metadata: { shoal_root: "mesh", concurrency: "3" },
  };
  return { mesh, host, client, transport, id, identity };
}

test("PING, INFO and STATS answer everybody, by name and by id, as ADR-32 has them", async () => {
  const { client, transport, id, identity } = await world();
  await client.call("counter.next", { by: 2 });
  await client.call("counter.next", { by: 13 }).catch(() => {});
  for (const scope of ["", ".counter", `.counter.${id}`]) {
    expect(await ask(transport, `$SRV.PING${scope}`)).toEqual([
      { type: "io.nats.micro.v1.ping_response", ...identity },
    ]);
    const [info] = await ask(transport, `$SRV.INFO${scope}`);
    expect(info).toMatchObject({
      type: "io.nats.micro.v1.info_response",
      ...identity,
      description: "Counts",
      endpoints: [
        {
          name: "next",
          subject: "mesh.counter.next",
          queue_group: "pool",
          metadata: { timeout_ms: "2000", description: "The next number", idempotent: "true" },
        },
        { name: "list", subject: "mesh.counter.list", queue_group: "pool", metadata: { stream: "true" } },
      ],
    });
    const [stats] = await ask(transport, `$SRV.STATS${scope}`);
    expect(stats).toMatchObject({
      type: "io.nats.micro.v1.stats_response",
      ...identity,
      started: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      endpoints: [
        {
          name: "next",
          subject: "mesh.counter.next",
          queue_group: "pool",
          num_requests: 2,
          num_errors: 1,
          last_error: "conflict: bad luck",
          processing_time: 0,
          average_processing_time: 0,
          data: { num_started: 2, waiting_time: 0, errors: { conflict: 1 } },
        },
        { name: "list", num_requests: 0, num_errors: 0, last_error: "", average_processing_time: 0 },
      ],
    });
  }
  expect(await ask(transport, "$SRV.PING.other")).toEqual([]);
  expect(await ask(transport, "$SRV.PING.counter.other")).toEqual([]);
  expect(await ask(transport, "$SRV.NONSENSE")).toEqual([]);
});

test("schemas are in the metadata as JSON, and left out where one message could not hold them", async () => {
  const { transport } = await world();
  const [info] = await ask(transport, "$SRV.INFO.counter");
  const [next] = (info?.["endpoints"] ?? []) as { metadata: Record<string, string> }[];
  expect(JSON.parse(next?.metadata["input"] ?? "")).toMatchObject({
    type: "object",
    properties: { by: { type: "integer", default: 1 } },
  });
  expect(JSON.parse(next?.metadata["output"] ?? "")).toMatchObject({ type: "integer" });
  const small = await world({ maxPayload: 700 });
  const [short] = await ask(small.transport, "$SRV.INFO.counter");
  expect(JSON.stringify(short)).not.toContain("properties");
});

test("one service that cannot answer does not keep the others from it", async () => {
  const { host, transport, mesh } = await world({ maxPayload: 1_200 });
  await host.serve(
    defineAgent({
      name: "huge",
      version: "1.0.0",
      methods: Object.fromEntries(
        Array.from({ length: 20 }, (_, i) => [`method${i}`, { input: z.unknown(), run: () => 1 }]),
      ),
    }),
  );
  await host.serve(agent);
  const names = (await ask(transport, "$SRV.INFO")).map(({ name }) => name);
  expect(names).toEqual(["counter", "counter"]);
  expect(mesh.log.lines.map(({ message }) => message)).toContain(
    "a question about this service got no answer",
  );
});

test("a replica that has left is asked no more, and the last one takes the mesh's answer with it", async () => {
  const { host, transport } = await world();
  const hosting = await host.serve(agent);
  expect(await ask(transport, "$SRV.PING")).toHaveLength(2);
  await hosting.stop();
  expect(await ask(transport, "$SRV.PING")).toHaveLength(1);
  await host.drain();
  expect(await ask(transport, "$SRV.PING")).toHaveLength(0);
});
