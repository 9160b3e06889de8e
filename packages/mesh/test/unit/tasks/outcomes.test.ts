import { expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/index.ts";
import { MeshError } from "../../../src/errors.ts";
import type { MemoryBucket } from "../../../src/transport/memory-store/memory-bucket.ts";
import { Gate } from "../../support/actor-fixture.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";

const agentOf = (run: (n: number) => unknown) =>
  defineAgent({
    name: "doer",
    version: "1.0.0",
    methods: { work: { input: z.number(), output: z.unknown(), run } },
  });

const records = async ({ broker }: InProcessMesh): Promise<MemoryBucket> =>
  (await broker.store.bucket("mesh-task-records")) as MemoryBucket;

test("J6: while the store is away a task is neither acknowledged nor begun again, and then its outcome is kept", async () => {
  const mesh = new InProcessMesh();
  const node = await mesh.member({ tasks: { ackWait: "3s" } });
  let runs = 0;
  await node.serve(
    agentOf((n) => {
      runs++;
      return n;
    }),
  );
  const bucket = await records(mesh);
  const swap = bucket.swap.bind(bucket);
  bucket.swap = () => Promise.reject(new MeshError("unavailable", "no leader"));
  const ticket = await node.submit("doer.work", 7);
  await mesh.advance(20_000);
  const queue = await mesh.broker.store.queue("mesh-tasks");
  expect(await queue.get(Number(ticket.id))).toBeDefined();
  bucket.swap = swap;
  expect(await mesh.settle(ticket.result())).toBe(7);
  expect(await queue.get(Number(ticket.id))).toBeUndefined();
  expect(runs).toBe(1);
});

test("J7: where two have worked on one task, one outcome is kept", async () => {
  const mesh = new InProcessMesh();
  const gates = [new Gate(), new Gate()];
  const [first, second] = [
    await mesh.join({ tasks: { ackWait: "1s" } }),
    await mesh.member({ tasks: { ackWait: "1s" } }),
  ];
  await first.mesh.serve(agentOf(() => gates[0]?.promise));
  const ticket = await first.mesh.submit("doer.work", 1, { timeout: "1h" });
  await mesh.advance(200);
  // The first one's word that it is at it is lost from here on.
  const queue = (await mesh.broker.store.queue("mesh-tasks")) as unknown as { hide: unknown };
  const hide = queue.hide;
  queue.hide = () => {};
  await mesh.advance(700);
  queue.hide = hide;
  await second.serve(agentOf(() => gates[1]?.promise));
  await mesh.advance(2_000);
  expect((await ticket.status()).attempts.length).toBeGreaterThan(0);
  gates[1]?.open("second");
  await mesh.advance(500);
  gates[0]?.open("first");
  await mesh.advance(500);
  expect(await ticket.result()).toBe("second");
});
