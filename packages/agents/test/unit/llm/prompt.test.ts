import { expect } from "vitest";
import { test } from "@shoal/mesh/testing/vitest";
import { defineLlm } from "../../../src/llm/define-llm.ts";
import { answer, finish, lastText, scripted, silent, text } from "../../support/scripted-model.ts";

test("a prompt is a stream for who streams it, and one text for who calls it", async ({ mesh, clock }) => {
  const model = scripted(answer("Hel", "lo"));
  await mesh.serve(
    defineLlm({ name: "writer", model, system: "Be brief.", temperature: 0.5, maxTokens: 80, clock }),
  );
  const app = await mesh.member();
  expect(await mesh.settle(app.stream("writer.prompt", "hi").collect())).toEqual(["Hel", "lo"]);
  expect(await mesh.settle(app.call("writer", "hi"))).toBe("Hello");
  expect(model.doStreamCalls[0]).toMatchObject({
    temperature: 0.5,
    maxOutputTokens: 80,
    prompt: [
      { role: "system", content: "Be brief." },
      { role: "user", content: [{ type: "text", text: "hi" }] },
    ],
  });
});

test("a chat has roles, and the last message is answered", async ({ mesh, clock }) => {
  const model = scripted((options) => answer(`${options.prompt.length}: ${lastText(options)}`));
  await mesh.serve(defineLlm({ name: "writer", model, clock }));
  const app = await mesh.member();
  const messages = [
    { role: "user", content: "one" },
    { role: "assistant", content: "two" },
    { role: "user", content: "three" },
  ];
  expect(await mesh.settle(app.call("writer.chat", { messages }))).toBe("3: three");
  await expect(mesh.settle(app.call("writer.chat", { messages: [] }))).rejects.toMatchObject({
    code: "bad_request",
  });
});

test.for([
  { title: "has no end", parts: [text("half")] },
  {
    title: "ends with an error",
    parts: [text("half"), { type: "error" as const, error: new Error("reset") }],
  },
  { title: "says that it broke", parts: [text("half"), finish([1, 1], "error")] },
  { title: "is empty, for no reason", parts: [finish([1, 0], "other")] },
])("LM1: a stream that $title is no answer", async ({ parts }, { mesh, clock }) => {
  await mesh.serve(defineLlm({ name: "writer", model: scripted(parts), clock }));
  const app = await mesh.member();
  await expect(mesh.settle(app.call("writer", "hi"))).rejects.toMatchObject({
    code: "unavailable",
    retryable: true,
    details: { kind: "broken_stream" },
  });
});

test("LM1: a model from which nothing has come for a while has stalled, before its first word or after it", async ({
  mesh,
  clock,
}) => {
  const [first, later] = [silent(), silent([text("half")])];
  await mesh.serve(defineLlm({ name: "first", model: first.model, clock }));
  await mesh.serve(defineLlm({ name: "later", model: later.model, clock, stall: "10s" }));
  const app = await mesh.member();
  for (const [name, stalled, within] of [
    ["first", first, 61],
    ["later", later, 11],
  ] as const) {
    const asked = app.call(name, "hi", { timeout: "5m" });
    await expect(mesh.settle(asked, `${within}s`)).rejects.toMatchObject({
      code: "timeout",
      details: { kind: "stalled" },
    });
    expect(stalled.signals[0]?.aborted).toBe(true);
    expect(stalled.cancelled()).toBe(1);
  }
});

test("LM1: a reader that takes its time does not make a model stall", async ({ mesh, clock }) => {
  const pieces = Array.from({ length: 2_000 }, (_, i) => `${i} `);
  await mesh.serve(defineLlm({ name: "writer", model: scripted(answer(...pieces)), clock, stall: "1s" }));
  const app = await mesh.member();
  const stream = app.stream("writer", "hi", { window: 4, timeout: "10m" })[Symbol.asyncIterator]();
  const taken = [await mesh.settle(stream.next())];
  await mesh.advance("5s");
  for (;;) {
    const step = await mesh.settle(stream.next());
    if (step.done) break;
    taken.push(step);
  }
  expect(taken).toHaveLength(2_000);
});

test("LM2: whoever gives up ends the provider's work, and the slot is free", async ({ mesh, clock }) => {
  const { model, signals, cancelled } = silent([text("half")]);
  const hosting = await mesh.serve(defineLlm({ name: "writer", model, clock }));
  const app = await mesh.member();
  const controller = new AbortController();
  const asked = app.call("writer", "hi", { signal: controller.signal, timeout: "5m" });
  asked.catch(() => {});
  await mesh.advance("50ms");
  expect(hosting.load.running).toBe(1);
  controller.abort();
  await expect(mesh.settle(asked)).rejects.toMatchObject({ code: "cancelled" });
  await mesh.advance("20ms");
  expect(signals[0]?.aborted).toBe(true);
  expect(cancelled()).toBe(1);
  expect(hosting.load.running).toBe(0);
});

test("LM8: the next model answers where the first fails without a word, and never goes on with its words", async ({
  mesh,
  clock,
}) => {
  const broken = scripted(new Error("fetch failed"), [text("half")]);
  const sound = scripted(answer("sound"));
  await mesh.serve(defineLlm({ name: "writer", model: [broken, sound], clock }));
  const app = await mesh.member();
  let metadata: unknown;
  const onServed = (served: { metadata: unknown }): void => void (metadata = served.metadata);
  expect(await mesh.settle(app.call("writer", "hi", { onServed }))).toBe("sound");
  expect(metadata).toMatchObject({ usage: { model: "mock::scripted", inputTokens: 10, outputTokens: 1 } });
  await expect(mesh.settle(app.call("writer", "hi"))).rejects.toMatchObject({
    details: { kind: "broken_stream" },
  });
  expect(sound.doStreamCalls).toHaveLength(1);
});

test("LM8: when all fail, the error tells of each", async ({ mesh, clock }) => {
  const failing = [scripted(new Error("fetch failed")), scripted([finish([1, 0], "content-filter")])];
  await mesh.serve(defineLlm({ name: "writer", model: failing, clock }));
  const app = await mesh.member();
  await expect(mesh.settle(app.call("writer", "hi"))).rejects.toMatchObject({
    code: "forbidden",
    details: { kind: "refused" },
  });
  await mesh.serve(defineLlm({ name: "poet", model: [failing[0] as never, scripted([])], clock }));
  await expect(mesh.settle(app.call("poet", "hi"))).rejects.toMatchObject({
    code: "unavailable",
    retryable: true,
    message: expect.stringMatching(/no model has answered.*cannot be reached.*broke off/) as string,
    details: { failures: [{ kind: "unreachable" }, { kind: "broken_stream" }] },
  });
});
