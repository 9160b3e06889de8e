import { expect, test } from "vitest";
import type { SupervisorOptions } from "../../../src/supervisor/options.ts";
import { neverBegins } from "../../support/scripted-agent.ts";
import { broken, busy, letters, supervised } from "../../support/supervised.ts";

const RETRY = { attempts: 2, backoff: 5, jitter: "none" } as const;
const streams = (options: Partial<SupervisorOptions> = {}) =>
  supervised({ retry: RETRY, ...options }, ["tell"]);

test("a stream passes through, chunk by chunk", async () => {
  const { gpt, collect } = await streams();
  gpt.stream = () => letters();
  const served: unknown[] = [];
  expect(await collect({ onServed: (by: { agent: string }) => served.push(by.agent) })).toEqual({
    chunks: ["a", "b", "c", "d", "e"],
  });
  expect(served).toEqual(["gpt"]);
});

test("before its first chunk a stream fails over freely", async () => {
  const { gpt, llama, collect } = await streams();
  gpt.stream = neverBegins(broken);
  llama.stream = () => letters();
  expect((await collect()).chunks).toEqual(["a", "b", "c", "d", "e"]);
});

test("a first chunk that does not come in time is a failure, and the handler that owes it stops", async () => {
  const { gpt, llama, collect, world } = await streams({ timeout: 50, retry: false });
  let hasStopped = false;
  gpt.stream = async function* (_input, { signal }) {
    try {
      await new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(new Error("stop"))),
      );
      yield "";
    } finally {
      hasStopped = true;
    }
  };
  llama.stream = () => letters();
  expect((await collect()).chunks).toHaveLength(5);
  await world.advance(5);
  expect(hasStopped).toBe(true);
});

test("after its first chunk a stream that cannot be taken up fails, and says what was delivered", async () => {
  const { gpt, llama, collect } = await streams();
  gpt.stream = async function* () {
    yield* letters(0, 3);
    throw broken;
  };
  const { chunks, error } = await collect();
  expect(chunks).toEqual(["a", "b", "c"]);
  expect(error).toMatchObject({
    code: "internal",
    message: expect.stringContaining("broke off after 3 chunks") as string,
    details: { delivered: 3, attempts: [{ target: "gpt", code: "internal" }] },
  });
  expect(llama.runs).toHaveLength(0);
});

test("leaving a supervised stream early stops the handler", async () => {
  const { gpt, client, world } = await streams();
  let hasStopped = false;
  gpt.stream = async function* (_input, { signal }) {
    try {
      yield "a";
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    } finally {
      hasStopped = true;
    }
  };
  const leaving = (async () => {
    for await (const _chunk of client.stream("assistant.tell", "x")) break;
  })();
  await world.settle(leaving);
  await world.advance(50);
  expect(hasStopped).toBe(true);
});

test("a hedged stream is the one that begins first; the loser's handler stops", async () => {
  const { world, gpt, collect } = await streams({ hedge: { after: 50 } });
  await (await world.member()).serve(gpt.agent);
  let stopped = 0;
  gpt.stream = async function* (_input, { signal }) {
    if (gpt.runs.length > 1) return yield* letters();
    try {
      await new Promise((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(new Error("stop"))),
      );
    } finally {
      stopped++;
    }
  };
  expect((await collect()).chunks).toEqual(["a", "b", "c", "d", "e"]);
  await world.advance(10);
  expect(stopped).toBe(1);
  expect(gpt.runs).toHaveLength(2);
});

test("Y5: a stream that broke off tells of the attempts before it", async () => {
  const { gpt, llama, collect } = await streams();
  gpt.stream = neverBegins(busy);
  llama.stream = async function* () {
    yield "a";
    throw broken;
  };
  const { error } = await collect();
  expect(error?.details).toMatchObject({
    delivered: 1,
    attempts: [
      { target: "gpt" },
      { target: "gpt" },
      { target: "llama", replica: llama.runs[0]?.request.replica },
    ],
  });
});

test("a plain caller gets a stream through a supervisor: whole, or chunk by chunk", async () => {
  const { gpt, transport, world } = await streams();
  gpt.stream = () => letters(0, 2);
  const inbox = transport.newInbox();
  const got: string[] = [];
  transport.subscribe(inbox, ({ payload }) => got.push(Buffer.from(payload).toString()));
  transport.publish("mesh.assistant", Buffer.from("hello"), { reply: inbox });
  await world.advance(30);
  const headers = { "Shoal-Stream": "true" };
  transport.publish("mesh.assistant.tell", Buffer.from("hello"), { reply: inbox, headers });
  await world.advance(30);
  expect(got).toEqual(["ab", "a", "b", ""]);
});
