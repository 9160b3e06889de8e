import { MeshError } from "@shoal/mesh";
import { expect, test } from "vitest";
import { Asker } from "../../../src/worker/asker.ts";
import { Doer } from "../../../src/worker/doer.ts";
import type { Answer, Question } from "../../../src/worker/protocol.ts";

type Run = (signal: AbortSignal) => unknown;

/** Two sides that pass copies, in order, and what they have passed. */
function pair(run: Run): { asker: Asker<string>; passed: string[] } {
  const passed: string[] = [];
  const carry = <T extends Question<string> | Answer>(to: (message: T) => void) => {
    return (message: T): void => {
      const copy = structuredClone(message);
      passed.push(message.type);
      queueMicrotask(() => to(copy));
    };
  };
  const doer: Doer<string> = new Doer(
    carry<Answer>((answer) => asker.receive(answer)),
    ({ work }, signal) => ({ what: work, run: () => run(signal), beside: () => "beside" }),
  );
  const asker = new Asker<string>(carry((question) => doer.receive(question)));
  return { asker, passed };
}

function asking(signal?: AbortSignal): Parameters<Asker<string>["value"]>[0] & { besides: unknown[] } {
  const besides: unknown[] = [];
  return { work: "a.b", what: "a.b", signal, besides, onBeside: (beside) => besides.push(beside) };
}

test("a value, and what goes with it", async () => {
  const { asker } = pair(() => Promise.resolve(5));
  const of = asking();
  expect(await asker.value(of)).toBe(5);
  expect(of.besides).toEqual(["beside"]);
});

test("B1: what is given up goes on until the other side says that it has ended", async () => {
  const end = Promise.withResolvers<string>();
  let heard: unknown;
  const { asker, passed } = pair((signal) => {
    signal.addEventListener("abort", () => (heard = signal.reason));
    return end.promise;
  });
  const controller = new AbortController();
  let isOver = false;
  const value = asker.value(asking(controller.signal)).finally(() => (isOver = true));
  controller.abort(new MeshError("cancelled", "enough", { details: { why: "x" } }));
  await new Promise(setImmediate);
  expect(heard).toMatchObject({ code: "cancelled", message: "enough", details: { why: "x" } });
  expect(isOver).toBe(false);
  end.resolve("at last");
  expect(await value).toBe("at last");
  expect(passed).toEqual(["begin", "abort", "value"]);
});

test("work whose signal has fired already begins and is given up", async () => {
  const { asker, passed } = pair(
    (signal) => new Promise((resolve) => signal.addEventListener("abort", resolve)),
  );
  await asker.value(asking(AbortSignal.abort()));
  expect(passed).toEqual(["begin", "abort", "value"]);
});

test("B2: one chunk for each question; a reader that leaves waits for the finally", async () => {
  const log: string[] = [];
  const { asker, passed } = pair(async function* () {
    try {
      for (let n = 1; ; n++) yield n;
    } finally {
      await new Promise(setImmediate);
      log.push("finally");
    }
  });
  for await (const chunk of asker.chunks(asking())) if (chunk === 2) break;
  log.push("left");
  expect(log).toEqual(["finally", "left"]);
  expect(passed).toEqual(["begin", "chunk", "next", "chunk", "leave", "end"]);
});

test("what throws midway has ended, and its error is what it was", async () => {
  const { asker, passed } = pair(function* () {
    yield 1;
    throw new MeshError("conflict", "no", { retryAfterS: 3 });
  });
  const read: unknown[] = [];
  const reading = (async () => {
    for await (const chunk of asker.chunks(asking())) read.push(chunk);
  })();
  await expect(reading).rejects.toMatchObject({ code: "conflict", message: "no", retryAfterS: 3 });
  expect(read).toEqual([1]);
  expect(passed).toEqual(["begin", "chunk", "next", "failed"]);
});

test("when the other side is lost, everything that waits ends, and nothing is asked any more", async () => {
  const { asker, passed } = pair(() => new Promise(() => {}));
  const first = asker.value(asking());
  asker.fail((what) => new MeshError("replica_lost", `${what} is gone`));
  await expect(first).rejects.toMatchObject({ code: "replica_lost", message: "a.b is gone" });
  await expect(asker.value(asking())).rejects.toMatchObject({ code: "replica_lost" });
  expect(passed).toEqual(["begin"]);
});

test("a signal that outlives its work is not listened to", async () => {
  const { asker, passed } = pair(() => [1]);
  const controller = new AbortController();
  await asker.value(asking(controller.signal));
  for await (const _chunk of asker.chunks(asking(controller.signal))) break;
  controller.abort();
  expect(passed).toEqual(["begin", "value", "begin", "chunk", "leave", "end"]);
});
