import { test } from "@shoal/mesh/testing/vitest";
import { expect } from "vitest";
import { defineLlm } from "../../src/index.ts";
import { FakeProvider } from "../support/fake-provider.ts";

const KEY = { OPENAI_API_KEY: "sk-shared" };

test("LM3: a 429 slows every node that shares the key, and no other", async ({ nats }) => {
  await using provider = await FakeProvider.listen(
    { status: 429, headers: { "retry-after-ms": "600" } },
    { say: ["fine"], tokens: [1, 1] },
  );
  const agent = (name: string, env: Record<string, string>): ReturnType<typeof defineLlm> =>
    defineLlm({ name, model: "openai::gpt-4o", providers: { openai: { baseURL: provider.openai } }, env });
  await nats.serve(agent("first", KEY));
  await nats.serve(agent("second", KEY));
  await nats.serve(agent("stranger", { OPENAI_API_KEY: "sk-other" }));
  const app = await nats.connect();
  const before = performance.now();
  await expect(app.call("first", "hi")).rejects.toMatchObject({
    code: "overloaded",
    retryAfterS: 0.6,
    details: { kind: "rate_limited" },
  });
  expect(await app.call("stranger", "hi")).toBe("fine");
  expect(performance.now() - before).toBeLessThan(500);
  expect(await app.call("second", "hi")).toBe("fine");
  expect(performance.now() - before).toBeGreaterThan(590);
  // Nothing was sent meanwhile.
  expect(provider.asked).toHaveLength(3);
});

test("LM3: a call that tries again waits as long as the provider wants", async ({ nats }) => {
  await using provider = await FakeProvider.listen(
    { status: 429, headers: { "retry-after-ms": "300" } },
    { say: ["fine"], tokens: [1, 1] },
  );
  const { openai } = provider;
  await nats.serve(
    defineLlm({
      name: "writer",
      model: "openai::gpt-4o",
      providers: { openai: { baseURL: openai } },
      env: KEY,
    }),
  );
  const app = await nats.connect();
  const before = performance.now();
  expect(await app.call("writer", "hi", { retry: 3, idempotent: true })).toBe("fine");
  expect(performance.now() - before).toBeGreaterThan(290);
  expect(provider.asked).toHaveLength(2);
});

test("LM2: a caller that leaves frees the slot within 100 ms", async ({ nats }) => {
  await using provider = await FakeProvider.listen({ hangAfter: ["one "] });
  const hosting = await nats.serve(
    defineLlm({
      name: "writer",
      model: "ollama::llama3.2",
      providers: { ollama: { baseURL: provider.ollama } },
      concurrency: 1,
    }),
  );
  const app = await nats.connect();
  for await (const piece of app.stream("writer", "hi")) if (piece === "one ") break;
  await expect.poll(() => hosting.load.running, { timeout: 100, interval: 5 }).toBe(0);
  await expect.poll(() => provider.left).toBe(1);
});
