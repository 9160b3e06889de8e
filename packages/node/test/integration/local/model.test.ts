import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { localModel } from "@shoal/agents";
import { Output, generateText, streamText } from "ai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { fetchWeights } from "../../../src/model/fetch-weights.ts";
import { cleanUp, temporaryDirectory } from "../../support/shoal.ts";

/** A registry may be slow. */
const FETCH_TIMEOUT_MS = 600_000;
const FREE_WITHIN_MS = 100;

const model = localModel("smollm2", { slots: 2 });
const single = localModel("smollm2", { slots: 1 });
const STORY = "Write a long story about the sea.";

beforeAll(async () => {
  await fetchWeights("smollm2");
  await Promise.all([model.load(), single.load()]);
}, FETCH_TIMEOUT_MS);
afterAll(cleanUp);

test("a stream comes token by token, and ends with what it has taken", async () => {
  const answer = streamText({ model, prompt: STORY, maxOutputTokens: 24 });
  const pieces: string[] = [];
  for await (const piece of answer.textStream) pieces.push(piece);
  expect(pieces.length).toBeGreaterThan(12);
  expect(pieces.join("")).toMatch(/\bsea\b/i);
  expect(await answer.finishReason).toBe("length");
  expect(await answer.usage).toMatchObject({ outputTokens: 24 });
  // What the template puts around it counts too.
  expect((await answer.usage).inputTokens).toBeGreaterThan(8);
  expect((await answer.usage).inputTokens).toBeLessThan(30);
});

test("the whole answer at once is the same, and nothing of the question is read twice", async () => {
  const ask = (): Promise<{ text: string; usage: { inputTokens: number | undefined } }> =>
    generateText({ model: single, prompt: STORY, maxOutputTokens: 12 });
  const [first, second] = [await ask(), await ask()];
  expect(second.text).toBe(first.text);
  expect(second.usage).toMatchObject({
    inputTokens: first.usage.inputTokens,
    inputTokenDetails: { cacheReadTokens: first.usage.inputTokens },
  });
});

test("it stops at a text, which is not part of the answer", async () => {
  const prompt = "Say: one two three four five six seven eight";
  const { text, finishReason } = await generateText({
    model,
    prompt,
    stopSequences: ["four"],
    maxOutputTokens: 40,
  });
  expect(text).toMatch(/three\s*$/i);
  expect(text).not.toMatch(/four/i);
  expect(finishReason).toBe("stop");
});

test("the system prompt is read", async () => {
  const counted = async (instructions?: string): Promise<number> => {
    const said = instructions === undefined ? {} : { instructions };
    const { usage } = await generateText({ model, ...said, prompt: "Hello", maxOutputTokens: 1 });
    return usage.inputTokens ?? 0;
  };
  expect(await counted("You are a pirate, and you speak like one.")).toBeGreaterThan((await counted()) + 8);
});

test("the same seed gives the same answer, another seed another one", async () => {
  const told = async (seed: number): Promise<string> =>
    (await generateText({ model, prompt: STORY, temperature: 1, seed, maxOutputTokens: 16 })).text;
  const [first, again, other] = [await told(1), await told(1), await told(2)];
  expect(again).toBe(first);
  expect(other).not.toBe(first);
});

test("what it writes is of the schema that was given", async () => {
  const schema = z.object({ name: z.string().max(20), isGrown: z.boolean() });
  const { output } = await generateText({
    model,
    output: Output.object({ schema }),
    prompt: "A person called Bob, who is 42 years old.",
    maxOutputTokens: 60,
  });
  expect(output).toEqual({ name: expect.any(String) as string, isGrown: expect.any(Boolean) as boolean });
});

test("LO5: what is given up in mid-generation has freed its place within 100 ms", async () => {
  const took: number[] = [];
  for (let round = 0; round < 5; round++) {
    const controller = new AbortController();
    let from = 0;
    const { stream } = await single.doStream({
      prompt: [{ role: "user", content: [{ type: "text", text: STORY }] }],
      abortSignal: controller.signal,
    });
    const read = async (): Promise<void> => {
      let count = 0;
      for await (const { type } of stream) {
        if (type !== "text-delta" || ++count < 4) continue;
        from ||= performance.now();
        controller.abort(new Error("enough"));
      }
    };
    // It fails when its place is free.
    await expect(read()).rejects.toThrow("enough");
    took.push(performance.now() - from);
  }
  expect(took.toSorted((a, b) => a - b)[2]).toBeLessThan(FREE_WITHIN_MS);
});

test("LO5: one who waits for the place has it when it is free", async () => {
  const controller = new AbortController();
  const first = generateText({
    model: single,
    prompt: STORY,
    maxOutputTokens: 400,
    abortSignal: controller.signal,
  });
  const second = generateText({ model: single, prompt: "Hello", maxOutputTokens: 2 });
  const gaveUp = expect(first).rejects.toThrow("enough");
  setImmediate(() => controller.abort(new Error("enough")));
  await gaveUp;
  expect((await second).usage.outputTokens).toBe(2);
});

test("LO5: a long conversation that is being read can be given up", async () => {
  const words = "fish ".repeat(3_000);
  const controller = new AbortController();
  const from = performance.now();
  const answer = generateText({ model: single, prompt: words, abortSignal: controller.signal });
  const whole = expect(answer).rejects.toThrow("enough");
  setTimeout(() => controller.abort(new Error("enough")), 200);
  await whole;
  // To read all of it takes ten times as long.
  expect(performance.now() - from).toBeLessThan(2_000);
});

test("a conversation that is too long is told with both sizes", async () => {
  const words = "fish ".repeat(5_000);
  await expect(generateText({ model, prompt: words })).rejects.toMatchObject({
    code: "too_large",
    message: expect.stringMatching(/has 50\d\d tokens, and this model reads and writes 4096/) as string,
  });
});

test("a file that is no model is told by its name", async () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "bad.gguf"), "not a model");
  const bad = localModel("./bad.gguf", { directory });
  await expect(generateText({ model: bad, prompt: "Hello", maxRetries: 0 })).rejects.toMatchObject({
    code: "internal",
    message: expect.stringContaining("the weights bad.gguf cannot be used") as string,
  });
});
