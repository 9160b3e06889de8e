import { expect } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import { Kind, encodeFrame } from "../../../src/protocol/frame.ts";
import { turns } from "../../support/actor-fixture.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";
import { test } from "../../../src/testing/vitest.ts";

const echo = defineAgent({
  name: "echo",
  version: "1.0.0",
  methods: {
    say: { input: z.string(), output: z.string(), run: (text) => text },
    wait: { input: z.unknown(), run: () => new Promise(() => {}) },
    count: { input: z.int(), chunk: z.int(), run: (n) => Array.from({ length: n }, (_, i) => i) },
  },
});

const teller = defineAgent({
  name: "teller",
  version: "1.0.0",
  methods: {
    tell: {
      input: z.int().min(0),
      chunk: z.string(),
      run: (n) => Array.from({ length: n }, (_, i) => `line ${i}\n`),
    },
  },
});

test("an error carries code, retryable, agent, method, attempt and the replica that answered", async ({
  mesh: world,
}) => {
  const [host, client] = [await world.member({ node: "host" }), await world.member()];
  const { id } = await host.serve(echo);
  await expect(client.call("echo.say", 7)).rejects.toMatchObject({
    name: "MeshError",
    code: "bad_request",
    status: 400,
    retryable: false,
    agent: "echo",
    method: "say",
    attempt: 1,
    replica: id,
  });
  await expect(client.call("echo.shout", 7)).rejects.toMatchObject({
    code: "not_found",
    message: 'agent "echo" has no method "shout". It has echo.say, echo.wait, echo.count.',
  });
});

test("unavailable names the agents that look alike", async ({ mesh: world }) => {
  const [host, client] = [await world.member(), await world.member()];
  await host.serve(echo);
  await expect(world.settle(client.call("ehco.say", "x"))).rejects.toMatchObject({
    code: "unavailable",
    retryable: true,
    agent: "ehco",
    method: "say",
    attempt: 1,
    message: 'nobody listens for ehco.say. Did you mean "echo"?',
    details: { alike: ["echo"], known: ["echo"] },
  });
  await expect(world.settle(client.stream("zzzzzzzz.run").collect())).rejects.toMatchObject({
    message: "nobody listens for zzzzzzzz.run. Agents on this mesh: echo.",
  });
});

test("unavailable on an empty mesh asks whether a node runs", async ({ mesh: world }) => {
  const client = await world.member();
  await expect(world.settle(client.call("echo.say", "x"))).rejects.toMatchObject({
    message: 'nobody listens for echo.say. No agent is on this mesh (root "mesh"): is a node running?',
  });
});

test("P1: a hint never makes a call late", async ({ mesh: world }) => {
  const [host, client] = [await world.member(), await world.member()];
  await host.serve(echo);
  const failure = client.call("ehco.say", "x", { timeout: 30 }).catch((error: unknown) => error);
  await world.advance(35);
  expect(await failure).toMatchObject({ code: "unavailable", message: "nobody listens for ehco.say." });
});

test.each<[string | number]>([["soon"], [-1], [Number.NaN], ["10 parsecs"], [Infinity]])(
  "a bad timeout (%s) rejects, and says what is good; it never throws",
  async (timeout) => {
    const world = new InProcessMesh();
    const client = await world.member();
    const options = { timeout: timeout as number };
    for (const attempt of [
      () => client.call("echo.say", "x", options),
      () => client.agent(echo).say("x", options),
      () => client.stream("echo.count", 1, options).collect(),
    ]) {
      await expect(attempt()).rejects.toMatchObject({
        code: "bad_request",
        agent: "echo",
        message: expect.stringContaining("use milliseconds (250) or a number with a unit") as string,
      });
    }
  },
);

test("a bad target rejects, for a stream where it is read", async ({ mesh: world }) => {
  const client = await world.member();
  await expect(client.call("Echo Say")).rejects.toMatchObject({ code: "bad_request" });
  const stream = client.stream("Echo Say");
  await expect(stream.collect()).rejects.toMatchObject({ code: "bad_request" });
});

test.each([0, -1, 1.5, Number.NaN])("a bad window (%d) rejects with bad_request", async (window) => {
  const world = new InProcessMesh();
  const [host, client] = [await world.member(), await world.member()];
  await host.serve(echo);
  await expect(client.stream("echo.count", 3, { window }).collect()).rejects.toMatchObject({
    code: "bad_request",
    agent: "echo",
    method: "count",
  });
});

test("a call of a streaming method gives all of it at once: text joined, anything else as a list", async ({
  mesh: world,
}) => {
  const [host, client] = [await world.member({ local: "prefer" }), await world.member()];
  await host.serve(echo);
  await host.serve(teller);
  for (const caller of [client, host]) {
    expect(await caller.call("echo.count", 3)).toEqual([0, 1, 2]);
    expect(await caller.call("teller.tell", 3)).toBe("line 0\nline 1\nline 2\n");
    expect(await caller.call("teller.tell", 0)).toBe("");
    await expect(caller.call("teller.tell", -1)).rejects.toMatchObject({ code: "bad_request" });
  }
  // More than one message holds.
  expect(await client.call("teller.tell", 200_000)).toHaveLength(2_288_890);
});

test("a stream of a unary method is a stream of one", async ({ mesh: world }) => {
  const [host, client] = [await world.member(), await world.member()];
  await host.serve(echo);
  expect(await client.stream("echo.say", "x").collect()).toEqual(["x"]);
});

test("an input that cannot be sent, or is too large, rejects with a sentence that names the sizes", async () => {
  const world = new InProcessMesh({ maxPayload: 1_000 });
  const [host, client] = [await world.member(), await world.member()];
  await host.serve(echo);
  await expect(client.call("echo.say", () => {})).rejects.toMatchObject({
    code: "bad_request",
    agent: "echo",
  });
  await expect(client.call("echo.say", "x".repeat(2_000))).rejects.toMatchObject({
    code: "too_large",
    agent: "echo",
    attempt: 1,
    message: expect.stringContaining("the server's max_payload is 1000") as string,
  });
});

test("an answer that cannot be read is internal, not the caller's fault", async ({ mesh: world }) => {
  const client = await world.member();
  const other = world.outsider();
  other.subscribe("mesh.odd.run", ({ reply }) => {
    const frame = encodeFrame({ kind: Kind.result, call: 1 }, { a: 1 });
    other.publish(reply, frame.subarray(0, frame.length - 1));
  });
  await expect(client.call("odd.run")).rejects.toMatchObject({
    code: "internal",
    agent: "odd",
    message: expect.stringContaining("the answer of odd.run cannot be read: ") as string,
  });
});

test("an answer whose signature is not sound is taken for what it says", async ({ mesh: world }) => {
  const client = await world.member();
  const other = world.outsider();
  other.subscribe("mesh.odd.run", ({ reply }) => {
    const extensions = Uint8Array.of(1, 0, 99);
    other.publish(reply, encodeFrame({ kind: Kind.result, call: 1, extensions }, "fine"));
  });
  const served: unknown[] = [];
  expect(await client.call("odd.run", 1, { onServed: (by) => served.push(by) })).toBe("fine");
  expect(served).toMatchObject([{ replica: undefined }]);
});

test("a responder that speaks no frames is understood: values, errors, and a stream of one", async ({
  mesh: world,
}) => {
  const client = await world.member();
  const other = world.outsider();
  const answer = (text: string, headers?: Record<string, string>) => (reply: string) =>
    other.publish(reply, Buffer.from(text), headers ? { headers } : {});
  const serve = (method: string, respond: (reply: string) => void): unknown =>
    other.subscribe(`mesh.plain.${method}`, ({ reply }) => respond(reply));
  serve("json", answer('{"a":1}'));
  serve("text", answer("hello"));
  serve("known", answer('{"error":"conflict","message":"taken"}', { "Nats-Service-Error-Code": "409" }));
  serve("hostile", answer(`${"[".repeat(200)}1${"]".repeat(200)}`));
  serve("foreign", answer("", { "Nats-Service-Error-Code": "500", "Nats-Service-Error": "no luck" }));
  expect(await client.call("plain.json")).toEqual({ a: 1 });
  expect(await client.call("plain.text")).toBe("hello");
  expect(await client.stream("plain.json").collect()).toEqual([{ a: 1 }]);
  await expect(client.call("plain.hostile")).rejects.toMatchObject({ code: "internal" });
  await expect(client.call("plain.known")).rejects.toMatchObject({ code: "conflict", message: "taken" });
  await expect(client.call("plain.foreign")).rejects.toMatchObject({
    code: "internal",
    message: "plain.foreign failed with 500: no luck",
  });
});

test("an onServed that throws does not keep the answer from its caller", async ({ mesh: world }) => {
  const [host, client] = [await world.member(), await world.member()];
  const { id } = await host.serve(echo);
  const uncaught: unknown[] = [];
  const listeners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => uncaught.push(error));
  try {
    const seen: unknown[] = [];
    const result = client.call("echo.say", "x", {
      onServed: (served) => {
        seen.push(served);
        throw new Error("listener");
      },
    });
    expect(await result).toBe("x");
    await turns(2);
    expect(seen).toMatchObject([{ agent: "echo", replica: id }]);
    expect(uncaught).toEqual([new Error("listener")]);
  } finally {
    process.removeAllListeners("uncaughtException");
    for (const listener of listeners) process.on("uncaughtException", listener);
  }
});
