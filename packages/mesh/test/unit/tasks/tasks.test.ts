import { expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/index.ts";
import { MeshError } from "../../../src/errors.ts";
import { Gate, turns } from "../../support/actor-fixture.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";

type Work = (
  n: number,
  ctx: { attempt: number; progress: (value: unknown) => void; signal: AbortSignal },
) => unknown;

const doer = (work: Work, concurrency = 1) =>
  defineAgent({
    name: "doer",
    version: "1.0.0",
    concurrency,
    methods: {
      work: {
        input: z.number(),
        output: z.unknown(),
        run: (n, ctx) =>
          work(n, {
            attempt: ctx.request.attempt,
            progress: (value) => ctx.progress(value),
            signal: ctx.signal,
          }),
      },
      count: {
        input: z.number(),
        chunk: z.number(),
        async *run(n) {
          for (let at = 0; at < n; at++) yield at;
        },
      },
    },
  });

async function world(work: Work, concurrency?: number) {
  const inProcess = new InProcessMesh();
  const node = await inProcess.member({ tasks: true });
  const agent = doer(work, concurrency);
  await node.serve(agent);
  const client = await inProcess.member();
  return { inProcess, node, client, agent, handle: client.agent(agent) };
}

test("a task is done, and its result can be had from anywhere", async () => {
  const { inProcess, client, node, handle } = await world((n) => ({ twice: n * 2 }));
  const ticket = await client.submit(handle.work, 21);
  expect(await inProcess.settle(ticket.result())).toEqual({ twice: 42 });
  expect(await node.tasks.get(ticket.id).result()).toEqual({ twice: 42 });
  expect(await ticket.status()).toMatchObject({ state: "done", agent: "doer", method: "work" });
});

test("J5: a replica has no more tasks than it has slots", async () => {
  const gate = new Gate();
  const { inProcess, client } = await world(() => gate.promise, 2);
  for (let n = 0; n < 5; n++) await client.submit("doer.work", n);
  await inProcess.advance(500);
  const states: string[] = [];
  for await (const { state } of client.tasks.list()) states.push(state);
  expect(states.toSorted()).toEqual(["queued", "queued", "queued", "running", "running"]);
  gate.open("done");
  await inProcess.advance(500);
  const done: string[] = [];
  for await (const { state } of client.tasks.list()) done.push(state);
  expect(done).toEqual(Array(5).fill("done"));
});

test("J9: a long queue of tasks does not starve callers, nor callers the tasks", async () => {
  const order: number[] = [];
  const { inProcess, client, handle } = await world(async (n) => {
    order.push(n);
    await turns(6);
  });
  for (let n = 0; n < 10; n++) await client.submit("doer.work", n);
  const calls = Array.from({ length: 10 }, (_, n) => handle.work(100 + n));
  await inProcess.settle(Promise.all(calls));
  await inProcess.advance(200);
  const firsts = order.slice(0, 10);
  expect(firsts.filter((n) => n >= 100).length).toBeGreaterThanOrEqual(3);
  expect(firsts.filter((n) => n < 100).length).toBeGreaterThanOrEqual(3);
  expect(order).toHaveLength(20);
});

test("a failed attempt is made again after a while, and a task that fails five times is a dead letter", async () => {
  const attempts: number[] = [];
  const { inProcess, client } = await world((_, { attempt }) => {
    attempts.push(attempt);
    throw new Error("no luck");
  });
  const ticket = await client.submit("doer.work", 1, { tags: ["unlucky"] });
  const result = ticket.result().catch((error: unknown) => error);
  await inProcess.advance(60_000);
  expect(await result).toMatchObject({ code: "internal", message: "no luck" });
  expect(attempts).toEqual([1, 2, 3, 4, 5]);
  const letter = await client.tasks.deadTask(ticket.id);
  expect(letter.attempts).toHaveLength(5);
  expect(letter).toMatchObject({ state: "dead", tags: ["unlucky"], error: { message: "no luck" } });
});

test("what can never succeed is a dead letter at once", async () => {
  let runs = 0;
  const { inProcess, client } = await world(() => {
    runs++;
    throw new MeshError("forbidden", "not for you");
  });
  for (const input of [1, "no number"]) {
    const ticket = await client.submit("doer.work", input);
    const result = ticket.result().catch((error: unknown) => error);
    await inProcess.advance(300);
    expect(await result).toBeInstanceOf(MeshError);
    expect(await ticket.status()).toMatchObject({ state: "dead" });
  }
  expect(runs).toBe(1);
});

test("a dead letter that is tried again begins anew, and is none any more", async () => {
  let isBroken = true;
  const { inProcess, client } = await world((n) => {
    if (isBroken) throw new MeshError("conflict", "not now");
    return n;
  });
  const ticket = await client.submit("doer.work", 7);
  await inProcess.settle(ticket.result().catch(() => {}));
  isBroken = false;
  const again = await inProcess.settle(client.tasks.retry(ticket.id));
  expect(again.id).toBe(ticket.id);
  expect(await inProcess.settle(again.result())).toBe(7);
  await expect(client.tasks.deadTask(ticket.id)).rejects.toMatchObject({ code: "not_found" });
});

test("the same id is the same task, whether it waits, runs or has ended", async () => {
  const gate = new Gate();
  let runs = 0;
  const { inProcess, client, node } = await world(() => {
    runs++;
    return gate.promise;
  });
  const first = await client.submit("doer.work", 1, { id: "order-1" });
  await inProcess.advance(300);
  const second = await node.submit("doer.work", 1, { id: "order-1" });
  gate.open("done");
  expect(await inProcess.settle(first.result())).toBe("done");
  await inProcess.advance(600_000);
  const third = await client.submit("doer.work", 1, { id: "order-1" });
  expect([await second.result(), await third.result(), runs]).toEqual(["done", "done", 1]);
  await expect(client.submit("doer.count", 1, { id: "order-1" })).rejects.toMatchObject({ code: "conflict" });
});

test("a task that is cancelled while it waits is not begun; one that runs has its signal fire", async () => {
  const gate = new Gate();
  const begun: number[] = [];
  let aborted = false;
  const { inProcess, client } = await world((n, { signal }) => {
    begun.push(n);
    signal.addEventListener("abort", () => (aborted = true));
    return gate.promise;
  });
  const running = await client.submit("doer.work", 1);
  const waiting = await client.submit("doer.work", 2);
  await inProcess.advance(300);
  expect(await waiting.cancel()).toBe(true);
  expect(await running.cancel()).toBe(true);
  expect(await running.cancel()).toBe(false);
  await inProcess.advance(50);
  expect(aborted).toBe(true);
  gate.open("late");
  await inProcess.advance(300);
  await expect(running.result()).rejects.toMatchObject({ code: "cancelled" });
  await expect(waiting.result()).rejects.toMatchObject({ code: "cancelled" });
  expect(begun).toEqual([1]);
});

test("a delayed task waits for its time, and one that is not begun in time expires", async () => {
  const begun: number[] = [];
  const gate = new Gate();
  const { inProcess, client } = await world((n) => {
    begun.push(n);
    return n === 1 ? gate.promise : n;
  });
  const later = await client.submit("doer.work", 2, { delay: "10s" });
  await inProcess.advance(9_000);
  expect(begun).toEqual([]);
  await inProcess.advance(1_500);
  expect(begun).toEqual([2]);
  expect(await later.result()).toBe(2);
  await client.submit("doer.work", 1);
  const late = await client.submit("doer.work", 3, { ttl: "1s" });
  await inProcess.advance(2_000);
  gate.open(1);
  await inProcess.advance(300);
  expect(begun).toEqual([2, 1]);
  await expect(late.result()).rejects.toMatchObject({ code: "deadline_exceeded" });
});

test("progress is told as it happens, and kept", async () => {
  const gate = new Gate();
  const { inProcess, client } = await world(async (_, { progress }) => {
    progress({ done: 1, of: 2 });
    await gate.promise;
    progress({ done: 2, of: 2 });
  });
  const ticket = await client.submit("doer.work", 1, { delay: "1s" });
  const told: unknown[] = [];
  const over = (async () => {
    for await (const each of ticket.progress()) told.push(each);
  })();
  await inProcess.advance(2_000);
  expect(told).toEqual([{ done: 1, of: 2 }]);
  expect(await ticket.status()).toMatchObject({ state: "running", progress: { done: 1, of: 2 } });
  gate.open(1);
  await inProcess.settle(over);
  expect(told).toHaveLength(2);
});

test("the result of a stream is the list of its chunks", async () => {
  const { inProcess, client, handle } = await world(() => 1);
  const ticket = await client.submit(handle.count, 3);
  expect(await inProcess.settle(ticket.result())).toEqual([0, 1, 2]);
});

test("a large result is kept whole", async () => {
  const { inProcess, client } = await world(() => "x".repeat(3_000_000));
  const ticket = await client.submit("doer.work", 1);
  expect(await inProcess.settle(ticket.result())).toHaveLength(3_000_000);
});

test.each([
  [{ id: "17" }, "not digits alone"],
  [{ id: "a b" }, "task id"],
  [{ delay: "soon" as "1s" }, "delay"],
  [{ ttl: -1 }, "ttl"],
  [{ tags: ["a,b"] }, "tag"],
])("options that make no sense are refused: %j", async (options, text) => {
  const { client } = await world(() => 1);
  await expect(client.submit("doer.work", 1, options)).rejects.toMatchObject({
    code: "bad_request",
    message: expect.stringContaining(text) as string,
  });
});

test("a mesh of which no node takes tasks says so", async () => {
  const client = await new InProcessMesh().member();
  await expect(client.submit("doer.work", 1)).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("tasks: true") as string,
  });
});

test("a drained replica finishes what it has begun, and leaves the rest", async () => {
  const gate = new Gate();
  const { inProcess, client, node } = await world(() => gate.promise);
  const begun = await client.submit("doer.work", 1);
  const left = await client.submit("doer.work", 2);
  await inProcess.advance(300);
  const closing = node.close();
  await inProcess.advance(100);
  gate.open("done");
  await inProcess.settle(closing);
  expect(await begun.result()).toBe("done");
  expect(await left.status()).toMatchObject({ state: "queued" });
});
