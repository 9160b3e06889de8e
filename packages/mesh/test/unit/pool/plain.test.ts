import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import type { Message } from "../../../src/transport/transport.ts";
import { turns } from "../../support/actor-fixture.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";

const agent = defineAgent({
  name: "plain",
  version: "1.0.0",
  concurrency: 4,
  methods: {
    echo: { input: z.string(), output: z.string(), run: (text) => text },
    sum: { input: z.object({ a: z.number(), b: z.number() }), run: ({ a, b }) => ({ sum: a + b }) },
    text: { input: z.object({ text: z.string(), n: z.int().default(1) }), run: (input) => input },
    wait: { input: z.unknown(), run: () => new Promise(() => {}) },
    words: { input: z.string(), chunk: z.string(), run: (text) => text.split(" ") },
    numbers: { input: z.int(), chunk: z.int(), run: (n) => Array.from({ length: n }, (_, i) => i) },
    nothing: { input: z.unknown(), chunk: z.string(), run: endless },
    changing: { input: z.unknown(), chunk: z.unknown(), run: changing },
    mixed: { input: z.unknown(), chunk: z.unknown(), run: () => ["text", undefined, Buffer.from("b"), 1n] },
    large: { input: z.unknown(), run: () => ["x".repeat(200_000)] },
    largeChunk: { input: z.unknown(), chunk: z.string(), run: () => ["x".repeat(200_000)] },
    who: { input: z.unknown(), run: (_input, ctx) => ctx.request },
  },
  defaultMethod: "echo",
});

function* endless(): Generator<string> {
  for (;;) yield "";
}

function* changing(): Generator<unknown> {
  const chunk = { n: 0 };
  while (++chunk.n < 4) yield chunk;
}

interface Reply {
  text: string;
  code: string | undefined;
  error: string | undefined;
}

let world: InProcessMesh | undefined;
afterEach(() => (world = undefined));

async function ask(
  subject: string,
  body: string,
  headers?: Record<string, string>,
  passMs = 0,
): Promise<Reply[]> {
  world = new InProcessMesh({ maxPayload: 100_000 });
  const [host, { transport }] = [await world.member(), await world.join()];
  await host.serve(agent);
  const replies: Message[] = [];
  transport.subscribe("answer", (message) => void replies.push(message));
  transport.publish(subject, Buffer.from(body), { reply: "answer", ...(headers ? { headers } : {}) });
  await turns(5);
  if (passMs > 0) await world.advance(passMs);
  return replies.map((message) => ({
    text: Buffer.from(message.payload).toString(),
    code: message.header("Nats-Service-Error-Code"),
    error: message.header("Nats-Service-Error"),
  }));
}

const ok = (text: string): Reply => ({ text, code: undefined, error: undefined });

test.each<[string, string, string]>([
  ["mesh.plain.echo", "hello", "hello"],
  ["mesh.plain.echo", '"hello"', "hello"],
  ["mesh.plain.echo", "", ""],
  ["mesh.plain", "the default method", "the default method"],
  ["mesh.plain.sum", '{"a":1,"b":2}', '{"sum":3}'],
  ["mesh.plain.text", "bare text", '{"text":"bare text","n":1}'],
  ["mesh.plain.words", "one two", "onetwo"],
  ["mesh.plain.numbers", "3", "[0,1,2]"],
  ["mesh.plain.numbers", "0", ""],
  ["mesh.plain.changing", "", '[{"n":1},{"n":2},{"n":3}]'],
  ["mesh.plain.mixed", "", '["text",null,"Yg==",1]'],
])("%s with %j gets one readable answer", async (subject, body, answer) => {
  expect(await ask(subject, body)).toEqual([ok(answer)]);
});

test.each<[string, string, string, string]>([
  ["mesh.plain.sum", '{"a":1,', "400", "the payload begins like JSON and is not valid JSON"],
  ["mesh.plain.sum", '{"a":"x","b":2}', "400", "the input of plain.sum is not valid: a: "],
  ["mesh.plain.sum", "7", "400", "the input of plain.sum is not valid: "],
  ["mesh.plain.shout", "x", "404", 'agent "plain" has no method "shout". It has plain.echo, '],
])("%s with %j gets one error with %s", async (subject, body, code, message) => {
  const replies = await ask(subject, body);
  expect(replies).toHaveLength(1);
  expect(replies[0]).toMatchObject({ code, error: expect.stringContaining(message) as string });
  expect(JSON.parse(replies[0]?.text ?? "")).toMatchObject({
    error: code === "404" ? "not_found" : "bad_request",
    message: expect.stringContaining(message) as string,
    retryable: false,
  });
});

test("headers set what a frame carries", async () => {
  const [reply] = await ask("mesh.plain.who", "", {
    "shoal-timeout": "5s",
    "Shoal-Idempotency-Key": "key",
    "Shoal-Chain": "a,b",
    traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`,
  });
  expect(JSON.parse(reply?.text ?? "")).toMatchObject({
    remainingMs: 5_000,
    idempotencyKey: "key",
    chain: ["a", "b"],
    trace: { traceId: "a".repeat(32), spanId: "b".repeat(16), sampled: true },
  });
});

test.each([
  ["high", "high"],
  [" LOW ", "low"],
  ["Normal", "normal"],
])("the priority header %j is %s", async (given, priority) => {
  const [reply] = await ask("mesh.plain.who", "x", { "Shoal-Priority": given });
  expect(JSON.parse(reply?.text ?? "")).toMatchObject({ priority });
});

test("a bad priority header gets an error that names it", async () => {
  const [reply] = await ask("mesh.plain.echo", "x", { "Shoal-Priority": "urgent" });
  expect(reply).toMatchObject({
    code: "400",
    error: 'Shoal-Priority is "urgent"; it must be high, normal or low.',
  });
});

test("a bad timeout header gets an error that names it", async () => {
  const [reply] = await ask("mesh.plain.echo", "x", { "Shoal-Timeout": "soon" });
  expect(reply).toMatchObject({
    code: "400",
    error: expect.stringContaining('Shoal-Timeout "soon"') as string,
  });
});

test("a plain request has a deadline too", async () => {
  expect(await ask("mesh.plain.wait", "x", { "Shoal-Timeout": "100" }, 110)).toMatchObject([{ code: "504" }]);
});

test("a stream that is asked for by header comes in chunks and ends with nothing", async () => {
  expect(await ask("mesh.plain.words", "one two", { "Shoal-Stream": "true" })).toEqual([
    ok("one"),
    ok("two"),
    ok(""),
  ]);
  expect(await ask("mesh.plain.echo", "one", { "Shoal-Stream": "true" })).toEqual([ok("one"), ok("")]);
});

test("a stream that is too large for one reply says so, a stream of nothing too", async () => {
  expect(await ask("mesh.plain.numbers", "99999")).toMatchObject([{ code: "413" }]);
  expect(await ask("mesh.plain.nothing", "")).toMatchObject([{ code: "413" }]);
});

test("what is too large for one reply says what to do, and never that the caller should send less", async () => {
  const limit = "bytes and max_payload is 100000";
  const streams =
    "as one reply and max_payload is 100000: ask with a Shoal client, or with the header `Shoal-Stream";
  const header = { "Shoal-Stream": "true" };
  for (const [method, headers, why] of [
    [
      "large",
      {},
      `the result of plain.large takes 200004 ${limit}: ask with a Shoal client, which takes it in parts`,
    ],
    ["large", header, `the result of plain.large takes 200004 ${limit}`],
    ["numbers", {}, streams],
    ["largeChunk", {}, streams],
    [
      "largeChunk",
      header,
      `a chunk of plain.largeChunk takes 200000 ${limit}: the agent must give smaller ones`,
    ],
  ] as const) {
    const [reply] = await ask(`mesh.plain.${method}`, "99999", headers);
    expect(reply).toMatchObject({ code: "413", error: expect.stringContaining(why) as string });
    expect(reply?.error).not.toContain("send less");
  }
});
