import { type Mesh, type MeshError, type Served, connect, MemoryBroker } from "@shoal/mesh";
import { z } from "zod";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type LlmOptions, defineLlm, defineTool } from "../../src/index.ts";
import { type Act, FakeProvider } from "../support/fake-provider.ts";

const KEY = "sk-test-0123456789abcdef";
const WIRES = [
  { wire: "OpenAI", model: "openai::gpt-4o" },
  { wire: "Ollama", model: "ollama::llama3.2:latest" },
] as const;

let server: FakeProvider;
let mesh: Mesh;

beforeEach(async () => {
  server = await FakeProvider.listen();
  mesh = await connect({ transport: new MemoryBroker().connect() });
});

afterEach(async () => {
  await mesh.close();
  await server[Symbol.asyncDispose]();
});

async function serve(model: string | string[], options: Partial<LlmOptions> = {}): Promise<void> {
  await mesh.serve(
    defineLlm({
      name: "writer",
      model,
      providers: { openai: { baseURL: server.openai }, ollama: { baseURL: server.ollama } },
      env: { OPENAI_API_KEY: KEY },
      prices: { "openai::gpt-4o": { input: 2.5, output: 10 }, "ollama::*": { input: 0, output: 0 } },
      ...options,
    }),
  );
}

async function failureFor(act: Act): Promise<MeshError> {
  server.play(act);
  return mesh.call("writer", "hi").then(
    () => Promise.reject(new Error("it has answered")),
    (error: MeshError) => error,
  );
}

describe.each(WIRES)("over the wire of $wire", ({ model, wire }) => {
  test("an answer comes piece by piece, with the provider's own figures", async () => {
    await serve(model, { maxTokens: 50, system: "Be brief." });
    server.play({ say: ["Hel", "lo"], tokens: [1_000, 200] });
    let served: Served | undefined;
    const onServed = (told: Served): void => void (served = told);
    expect(await mesh.stream("writer", "hi", { onServed }).collect()).toEqual(["Hel", "lo"]);
    const cost = wire === "OpenAI" ? 0.0045 : 0;
    expect(served?.metadata["usage"]).toEqual({ model, inputTokens: 1_000, outputTokens: 200, cost });
    const { path, authorization, body } = server.asked[0] ?? {};
    expect(path).toBe(wire === "OpenAI" ? "/v1/chat/completions" : "/api/chat");
    if (wire === "OpenAI") expect(authorization).toBe(`Bearer ${KEY}`);
    expect(body).toMatchObject({ stream: true, messages: [{ role: "system" }, { role: "user" }] });
  });

  test("LM7: a tool is called, and its result sent back", async () => {
    const clock = defineTool({
      name: "clock",
      description: "Tells the time",
      input: z.object({ place: z.string() }),
      run: ({ place }) => `noon in ${place}`,
    });
    await serve(model, { tools: [clock] });
    server.play({ call: "clock", input: { place: "Rome" } }, { say: ["It is noon."], tokens: [20, 4] });
    expect(await mesh.call("writer", "what time is it in Rome?")).toBe("It is noon.");
    expect(JSON.stringify(server.asked[0]?.body["tools"])).toContain("Tells the time");
    expect(JSON.stringify(server.asked[1]?.body["messages"])).toContain("noon in Rome");
  });

  test.for([
    {
      act: { status: 500, body: { error: { message: "boom" } } },
      code: "unavailable",
      kind: "provider_error",
    },
    { act: { status: 503 }, code: "overloaded", kind: "provider_overloaded" },
    { act: { status: 404, body: { error: "model not found" } }, code: "not_found", kind: "no_such_model" },
    { act: { status: 401 }, code: "unauthorized", kind: "unauthorized" },
    { act: { status: 400 }, code: "bad_request", kind: "invalid_request" },
    {
      act: {
        status: 400,
        body: { error: { message: "This model's maximum context length is 8192 tokens." } },
      },
      code: "too_large",
      kind: "context_overflow",
    },
    { act: { cutAfter: ["half"] }, code: "unavailable", kind: "broken_stream" },
    { act: { garbleAfter: ["half"] }, code: "unavailable", kind: "broken_stream" },
  ])("LM1: $act is $kind", async ({ act, code, kind }) => {
    await serve(model);
    const error = await failureFor(act);
    expect({ code: error.code, details: error.details }).toMatchObject({ code, details: { kind } });
  });

  test("LM1: one that says nothing has stalled, and its connection is closed", async () => {
    await serve(model, { stall: 100 });
    expect(await failureFor({ hangAfter: ["half"] })).toMatchObject({
      code: "timeout",
      details: { kind: "stalled" },
    });
    await expect.poll(() => server.left).toBe(1);
  });

  test("LM2: the connection is closed when the caller leaves", async () => {
    await serve(model);
    server.play({ say: ["a", "b", "c", "d", "e", "f"], everyMs: 50 });
    for await (const piece of mesh.stream("writer", "hi")) if (piece === "b") break;
    await expect.poll(() => server.left).toBe(1);
    expect(server.asked).toHaveLength(1);
  });

  test("429 is `overloaded` with the provider's time, and is not tried again here", async () => {
    await serve(model);
    expect(await failureFor({ status: 429, headers: { "retry-after": "7" } })).toMatchObject({
      code: "overloaded",
      retryable: true,
      retryAfterS: 7,
      details: { kind: "rate_limited" },
    });
    expect(server.asked).toHaveLength(1);
  });
});

test("a server that cannot be reached is `unavailable`", async () => {
  await serve("ollama::llama3.2", { providers: { ollama: { baseURL: "http://127.0.0.1:9/api" } } });
  await expect(mesh.call("writer", "hi")).rejects.toMatchObject({
    code: "unavailable",
    details: { kind: "unreachable" },
  });
});

test("a key is in no error, even when the provider repeats it", async () => {
  await serve("openai::gpt-4o");
  const error = await failureFor({
    status: 401,
    body: { error: { message: `Incorrect API key provided: ${KEY}, or sk-proj-abcdefghijklmnop.` } },
  });
  expect(error.message).toContain("Incorrect API key");
  expect(JSON.stringify([error, error.message, error.stack, String(error.cause)])).not.toMatch(
    /0123456789|abcdefghij/,
  );
});

test("an account that has nothing left is `budget_exhausted`, and the next model is asked", async () => {
  await serve(["openai::gpt-4o", "ollama::llama3.2"]);
  server.play(
    {
      status: 429,
      body: { error: { message: "You exceeded your current quota", code: "insufficient_quota" } },
    },
    { say: ["from the other"], tokens: [1, 1] },
  );
  expect(await mesh.call("writer", "hi")).toBe("from the other");
});

test("a provider that tells no figures has them estimated, and that is said", async () => {
  await serve("openai::gpt-4o");
  server.play({ say: ["four letters a token"] });
  let served: Served | undefined;
  await mesh.call("writer", "hi", { onServed: (told) => void (served = told) });
  expect(served?.metadata["usage"]).toMatchObject({ outputTokens: 5, estimated: true });
});
