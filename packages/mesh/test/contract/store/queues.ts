import { expect, onTestFinished, test } from "vitest";
import type { Delivery, Queue, QueueWorker } from "../../../src/transport/store.ts";
import { type StoreUnderTest, bytes, fresh, textOf } from "./harness.ts";

interface Working extends QueueWorker {
  readonly got: Delivery[];
  readonly texts: (string | undefined)[];
}

async function work(queue: Queue, subject: string, ackWaitMs = 30_000): Promise<Working> {
  const got: Delivery[] = [];
  const worker = await queue.worker("w", {
    subjects: [subject],
    ackWaitMs,
    onMessage: (delivery) => got.push(delivery),
    onMissed: () => {},
  });
  onTestFinished(() => worker.stop());
  return {
    got,
    get texts() {
      return got.map(({ payload }) => textOf(payload));
    },
    pull: (count) => worker.pull(count),
    stop: () => worker.stop(),
  };
}

export function queues({ open, pass }: StoreUnderTest): void {
  const made = async (options: object = {}): Promise<[Queue, Queue, string]> => {
    const name = fresh();
    const subjects = [`${name}.*`];
    const [a, b] = [await open(), await open()];
    return [
      await a.queue(name, { subjects, ...options }),
      await b.queue(name, { subjects, ...options }),
      `${name}.x`,
    ];
  };

  test("T9, T11: workers get what was added, in order, and no more than they ask for", async () => {
    const [queue, other, subject] = await made();
    for (const text of ["1", "2", "3"]) await queue.add(subject, bytes(text));
    const worker = await work(other, subject);
    worker.pull(2);
    await expect.poll(() => worker.texts).toEqual(["1", "2"]);
    await pass(100);
    expect(worker.texts).toEqual(["1", "2"]);
    worker.got[0]?.ack();
    worker.pull(2);
    await expect.poll(() => worker.texts).toEqual(["1", "2", "3"]);
    // Asked for before it came.
    await queue.add(subject, bytes("4"));
    await expect.poll(() => worker.texts).toEqual(["1", "2", "3", "4"]);
  });

  test("T9: what is acknowledged is gone, and nothing else", async () => {
    const [queue, , subject] = await made();
    for (const text of ["1", "2"]) await queue.add(subject, bytes(text), { headers: { note: text } });
    const worker = await work(queue, subject);
    worker.pull(2);
    await expect.poll(() => worker.texts).toEqual(["1", "2"]);
    worker.got[0]?.ack();
    const left = async (): Promise<unknown[]> => {
      const all = [];
      for await (const each of queue.messages()) all.push([textOf(each.payload), each.header("note")]);
      return all;
    };
    await expect.poll(left).toEqual([["2", "2"]]);
    const sequence = worker.got[1]?.sequence ?? 0;
    expect(textOf((await queue.get(sequence))?.payload)).toBe("2");
    expect(await queue.remove(sequence)).toBe(true);
    expect(await queue.remove(sequence)).toBe(false);
    expect(await queue.get(sequence)).toBeUndefined();
  });

  test("T10: what is given back comes again after a while, and says how often", async () => {
    const [queue, , subject] = await made();
    await queue.add(subject, bytes("1"));
    const worker = await work(queue, subject);
    worker.pull(2);
    await expect.poll(() => worker.texts).toEqual(["1"]);
    worker.got[0]?.retry(300);
    await pass(100);
    expect(worker.texts).toEqual(["1"]);
    await pass(400);
    await expect.poll(() => worker.texts).toEqual(["1", "1"]);
    expect(worker.got.map(({ deliveries }) => deliveries)).toEqual([1, 2]);
  });

  test("T10: what its worker is silent about goes to another, and what is worked on does not", async () => {
    const [queue, , subject] = await made();
    await queue.add(subject, bytes("silent"));
    await queue.add(subject, bytes("busy"));
    const worker = await work(queue, subject, 1_000);
    worker.pull(2);
    await expect.poll(() => worker.texts).toEqual(["silent", "busy"]);
    const other = await work(queue, subject, 1_000);
    other.pull(2);
    for (let i = 0; i < 4; i++) {
      await pass(500);
      worker.got[1]?.working();
    }
    await expect.poll(() => new Set(other.texts)).toEqual(new Set(["silent"]));
  });

  test("the same id is taken once", async () => {
    const [queue, other, subject] = await made();
    const first = await queue.add(subject, bytes("1"), { id: "order-1" });
    const second = await other.add(subject, bytes("1"), { id: "order-1" });
    expect([first.isDuplicate, second.isDuplicate]).toEqual([false, true]);
    expect(second.sequence).toBe(first.sequence);
  });

  test("a queue that is full says so", async () => {
    const [queue, , subject] = await made({ maxMessages: 3, maxMessagesPerSubject: 2 });
    await queue.add(subject, bytes("1"));
    await queue.add(subject, bytes("2"));
    await expect(queue.add(subject, bytes("3"))).rejects.toMatchObject({ code: "overloaded" });
    await queue.add(`${subject}y`, bytes("3"));
    await expect(queue.add(`${subject}z`, bytes("4"))).rejects.toMatchObject({ code: "overloaded" });
  });
}
