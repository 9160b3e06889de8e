import { expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/index.ts";
import { MeshError } from "../../../src/errors.ts";
import { decodeRecord, encodeRecord } from "../../../src/tasks/record.ts";
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

test("J7: an attempt that fails late overwrites no outcome", async () => {
  const mesh = new InProcessMesh();
  const gate = new Gate();
  const node = await mesh.member({ tasks: { ackWait: "1s" } });
  await node.serve(
    agentOf(async () => {
      await gate.promise;
      throw new Error("late");
    }),
  );
  const ticket = await node.submit("doer.work", 1, { timeout: "1h" });
  await mesh.advance(300);
  // Somebody else has done it meanwhile.
  const bucket = await records(mesh);
  const entry = await bucket.get(ticket.id);
  const done = { ...decodeRecord(entry?.value ?? new Uint8Array(0)), state: "done" } as const;
  await bucket.put(ticket.id, encodeRecord(done));
  gate.open(1);
  await mesh.advance(100);
  expect(await ticket.status()).toMatchObject({ state: "done" });
  // Nobody need look at it once more.
  expect(await (await mesh.broker.store.queue("mesh-tasks")).get(Number(ticket.id))).toBeUndefined();
});

test("a task that comes again to the replica that is at it is not begun twice", async () => {
  const mesh = new InProcessMesh();
  const gate = new Gate();
  let runs = 0;
  const node = await mesh.member({ tasks: { ackWait: "1s" } });
  await node.serve({ ...agentOf(() => (++runs, gate.promise)), concurrency: 4 });
  const ticket = await node.submit("doer.work", 1, { timeout: "1h" });
  await mesh.advance(200);
  // Its word that it is at it gets lost for a while.
  const queue = (await mesh.broker.store.queue("mesh-tasks")) as unknown as { hide: unknown };
  const { hide } = queue;
  queue.hide = () => {};
  await mesh.advance(1_000);
  queue.hide = hide;
  await mesh.advance(3_000);
  expect(runs).toBe(1);
  gate.open("once");
  expect(await mesh.settle(ticket.result())).toBe("once");
});

test("what is too large for a record, and what cannot be written, is kept or buried, and never done for ever", async () => {
  const mesh = new InProcessMesh({ maxPayload: 65_536 });
  const node = await mesh.member({ tasks: true });
  let runs = 0;
  await node.serve(
    agentOf((n) => {
      runs++;
      if (n === 1) return "x".repeat(100_000);
      throw new MeshError("bad_request", "no", { details: { huge: "x".repeat(1_000_000), odd: () => 1 } });
    }),
  );
  expect(await mesh.settle((await node.submit("doer.work", 1)).result())).toHaveLength(100_000);
  const failing = await node.submit("doer.work", 2);
  await expect(mesh.settle(failing.result())).rejects.toMatchObject({ code: "bad_request", message: "no" });
  expect(runs).toBe(2);
});

test("a time to live is for the beginning, not for the work", async () => {
  const mesh = new InProcessMesh();
  const gate = new Gate();
  const node = await mesh.member({ tasks: true });
  let runs = 0;
  await node.serve(agentOf(() => (++runs, gate.promise)));
  const ticket = await node.submit("doer.work", 1, { ttl: "1s", timeout: "1h" });
  await mesh.advance(10_000);
  gate.open("done");
  expect(await mesh.settle(ticket.result())).toBe("done");
  expect(runs).toBe(1);
});

test("one id for two agents is a conflict, whoever is first; a retry that a full queue refuses changes nothing", async () => {
  const mesh = new InProcessMesh();
  const node = await mesh.member({ tasks: { maxWaiting: 1 } });
  let isBroken = true;
  await node.serve(
    agentOf((n) => {
      if (isBroken) throw new MeshError("conflict", "not now");
      return n;
    }),
  );
  const dead = await node.submit("doer.work", 1, { id: "one" });
  await mesh.settle(dead.result().catch(() => {}));
  const [first, second] = await Promise.allSettled([
    node.submit("nobody.a", 1, { id: "same" }),
    node.submit("other.b", 1, { id: "same" }),
  ]);
  expect([first.status, second.status].toSorted()).toEqual(["fulfilled", "rejected"]);
  isBroken = false;
  await expect(node.tasks.retry("one")).rejects.toMatchObject({ code: "overloaded" });
  expect(await dead.status()).toMatchObject({ state: "dead" });
  await node.tasks.get("same").cancel();
  expect(await mesh.settle((await node.tasks.retry("one")).result())).toBe(1);
});

test("whoever waits hears that the mesh is closed", async () => {
  const mesh = new InProcessMesh();
  const node = await mesh.member({ tasks: true });
  await node.serve(agentOf((n) => n));
  const ticket = await node.submit("nobody.a", 1);
  const result = ticket.result().catch((error: unknown) => error);
  await mesh.advance(100);
  await mesh.settle(node.close());
  await mesh.advance(5_000);
  expect(await result).toMatchObject({ code: "unavailable", retryable: false });
});

test("J8: a message of a task that has ended is dropped, and one of another agent's task is a conflict", async () => {
  const mesh = new InProcessMesh();
  const node = await mesh.member({ tasks: true });
  let runs = 0;
  await node.serve(agentOf((n) => (runs++, n)));
  const queue = await mesh.broker.store.queue("mesh-tasks");
  await mesh.settle((await node.submit("doer.work", 1, { id: "once" })).result());
  // As after an acknowledgement that was lost.
  const again = { headers: { "Shoal-Task": "once" } };
  const { sequence } = await queue.add("mesh.task.doer.work", Buffer.from("1"), again);
  await mesh.advance(500);
  expect([await queue.get(sequence), runs]).toEqual([undefined, 1]);
  // The same message, whose acknowledgement is lost.
  const { waiting } = queue as unknown as { waiting: Map<number, unknown> };
  const forget = waiting.delete.bind(waiting);
  waiting.delete = () => false;
  const numbered = await node.submit("doer.work", 1);
  await mesh.settle(numbered.result());
  waiting.delete = forget;
  await mesh.advance(40_000);
  expect([await queue.get(Number(numbered.id)), runs]).toEqual([undefined, 2]);
  // As by `nats req -H Nats-Msg-Id:theirs`: nobody has begun it.
  await queue.add("mesh.task.nobody.a", Buffer.from("1"), { id: "theirs" });
  await expect(node.submit("doer.work", 1, { id: "theirs" })).rejects.toMatchObject({ code: "conflict" });
});
