import { type Msg, type NatsConnection, headers as natsHeaders } from "nats";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Delivery } from "../../../src/transport/store.ts";
import type { StatusEvent, Transport } from "../../../src/transport/transport.ts";
import { JetWorker } from "../../../src/transport/jetstream/jet-worker.ts";

interface Question {
  readonly reply: string;
  readonly batch: number;
}

/** A worker, what it asks, and the part of a server that answers. What is missed is wanted still, if the test says so. */
function asking(isWanted = true, renew = async () => {}) {
  const questions: Question[] = [];
  const listeners = new Map<string, (error: Error | null, message: Msg) => void>();
  let serial = 0;
  let onStatus = (_event: StatusEvent): void => {};
  const connection = {
    isClosed: () => false,
    subscribe(subject: string, { callback }: { callback: (error: Error | null, message: Msg) => void }) {
      listeners.set(subject, callback);
      return { drain: async () => void listeners.delete(subject) };
    },
  } as unknown as NatsConnection;
  const transport = {
    status: "connected",
    newInbox: () => `inbox-${++serial}`,
    onStatus: (listener: (event: StatusEvent) => void) => {
      onStatus = listener;
      return () => {};
    },
    publish: (_subject: string, payload: Uint8Array, { reply }: { reply: string }) => {
      const { batch } = JSON.parse(Buffer.from(payload).toString()) as { batch: number };
      questions.push({ reply, batch });
    },
  } as unknown as Transport;
  const got: Delivery[] = [];
  const missed: number[] = [];
  const worker: JetWorker = new JetWorker(
    "next",
    connection,
    transport,
    {
      subjects: ["tasks.>"],
      ackWaitMs: 30_000,
      onMessage: (delivery) => got.push(delivery),
      onMissed: (count) => {
        missed.push(count);
        if (isWanted) worker.pull(count);
      },
    },
    renew,
  );
  const answer = (reply: string | undefined, message: object): void =>
    listeners.get(reply ?? "")?.(null, { data: new Uint8Array(0), ...message } as Msg);
  return {
    worker,
    questions,
    got,
    missed,
    reconnect: () => onStatus({ type: "connected" } as StatusEvent),
    deliver: (question?: Question) =>
      answer(question?.reply, {
        subject: "tasks.x",
        reply: "$JS.ACK.tasks.worker.1.7.7.1700000000000000000.0",
      }),
    end: (question: Question | undefined, code: number) =>
      answer(question?.reply, { subject: question?.reply, headers: natsHeaders(code, "ended") }),
  };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("T11: what one question is answered with is not taken for another's: nothing is asked for twice", () => {
  const { worker, questions, got, missed, deliver, end } = asking();
  worker.pull(2);
  worker.pull(2);
  const [first, second] = questions;
  // A server serves open questions in turn, and need not begin with the first.
  deliver(second);
  deliver(second);
  end(first, 408);
  expect(missed).toEqual([2]);
  vi.advanceTimersByTime(29_000);
  end(questions[2], 408);
  expect(missed).toEqual([2, 2]);
  vi.advanceTimersByTime(30_000);
  expect(got).toHaveLength(2);
  // One question for two is open, and was there a moment ago.
  expect(questions.map(({ batch }) => batch)).toEqual([2, 2, 2, 2]);
});

test("T11: few questions are open at once: what is wanted beside them is asked for with the next", () => {
  const { worker, questions, deliver } = asking();
  for (let i = 0; i < 9; i++) worker.pull(1);
  expect(questions.map(({ batch }) => batch)).toEqual([1, 1]);
  deliver(questions[1]);
  expect(questions.map(({ batch }) => batch)).toEqual([1, 1, 7]);
});

test("a question of which nobody says anything more is asked again, elsewhere", () => {
  const { worker, questions, missed, got, deliver } = asking();
  worker.pull(3);
  deliver(questions[0]);
  vi.advanceTimersByTime(35_000);
  expect(missed).toEqual([2]);
  expect(questions.map(({ batch }) => batch)).toEqual([3, 2]);
  expect(questions[1]?.reply).not.toBe(questions[0]?.reply);
  deliver(questions[0]);
  expect(got).toHaveLength(1);
});

test("what was asked over a connection that is lost is asked again when it is back", () => {
  const { worker, questions, missed, reconnect } = asking();
  worker.pull(2);
  worker.pull(1);
  reconnect();
  expect(missed).toEqual([2, 1]);
  expect(questions.map(({ batch }) => batch)).toEqual([2, 1, 2, 1]);
  expect(new Set(questions.map(({ reply }) => reply)).size).toBe(4);
});

test("J9: what is wanted beside two questions is asked for when one ends, also where its answers are not wanted any more", () => {
  const { worker, questions, end } = asking(false);
  for (const count of [5, 1, 2]) worker.pull(count);
  end(questions[0], 408);
  expect(questions.map(({ batch }) => batch)).toEqual([5, 1, 2]);
});

test("T11: after trouble a line has a new inbox: what comes of the question before is not taken for the next one's", async () => {
  const made = Promise.withResolvers<void>();
  const { worker, questions, missed, end } = asking(true, () => made.promise);
  worker.pull(3);
  end(questions[0], 409);
  vi.advanceTimersByTime(1_000);
  made.resolve();
  await vi.advanceTimersByTimeAsync(0);
  expect(missed).toEqual([3]);
  end(questions[0], 408);
  expect(missed).toEqual([3]);
  expect(questions.map(({ batch }) => batch)).toEqual([3, 3]);
  expect(questions[1]?.reply).not.toBe(questions[0]?.reply);
});
