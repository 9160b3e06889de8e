import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { expect, test } from "vitest";
import { generationOf, usageOf, warningsOf } from "../../../src/local/call.ts";
import { turnsOf } from "../../../src/local/conversation.ts";

const turns = [{ role: "user", text: "hello" }] as const;
const options = (given: Partial<LanguageModelV4CallOptions> = {}): LanguageModelV4CallOptions => ({
  prompt: [],
  ...given,
});

test("an answer has 512 tokens at most, what was asked for, or what room there is", () => {
  const most = (given: object, contextSize: number): number =>
    generationOf(options(given), turns, [1, 2, 3], contextSize).maxTokens;
  expect(most({}, 4_096)).toBe(512);
  expect(most({ maxOutputTokens: 600 }, 4_096)).toBe(600);
  expect(most({ maxOutputTokens: 600 }, 100)).toBe(97);
});

test("a conversation that leaves no room is too large, and both sizes are told", () => {
  const call = (): unknown => generationOf(options(), turns, [1, 2, 3], 3);
  expect(call).toThrow(expect.objectContaining({ code: "too_large" }));
  expect(call).toThrow(/has 3 tokens, and this model reads and writes 3 in all/);
});

test("how tokens are chosen is passed on as it was given, and nothing else", () => {
  const { sampling, stop } = generationOf(
    options({ temperature: 0.5, topK: 3, seed: 7, stopSequences: ["."] }),
    turns,
    [],
    100,
  );
  expect(sampling).toEqual({ temperature: 0.5, topK: 3, seed: 7 });
  expect(stop).toEqual(["."]);
});

test("JSON of a schema, JSON of any shape, and text", () => {
  const json = (responseFormat?: LanguageModelV4CallOptions["responseFormat"]): unknown =>
    generationOf(options(responseFormat === undefined ? {} : { responseFormat }), turns, [], 100).json;
  expect(json({ type: "json", schema: { type: "object" } })).toEqual({ schema: { type: "object" } });
  expect(json({ type: "json" })).toEqual({ schema: undefined });
  expect([json({ type: "text" }), json()]).toEqual([undefined, undefined]);
});

test("tokens that were remembered are told apart from those that were read", () => {
  expect(usageOf(100, 80, 20)).toEqual({
    inputTokens: { total: 100, noCache: 20, cacheRead: 80, cacheWrite: undefined },
    outputTokens: { total: 20, text: 20, reasoning: undefined },
  });
});

test("tools are not passed over in silence", () => {
  expect(warningsOf(options())).toEqual([]);
  const tools = [{ type: "function" as const, name: "search", inputSchema: {} }];
  expect(warningsOf(options({ tools }))).toMatchObject([{ type: "unsupported", feature: "tools" }]);
});

test("a prompt as texts: system in front, results of tools told by the user, thoughts left out", () => {
  expect(
    turnsOf([
      { role: "system", content: "Be brief." },
      {
        role: "user",
        content: [
          { type: "text", text: "How hot " },
          { type: "text", text: "is it?" },
        ],
      },
      {
        role: "assistant",
        content: [
          { type: "reasoning", text: "hm" },
          { type: "tool-call", toolCallId: "1", toolName: "weather", input: {} },
        ],
      },
      {
        role: "tool",
        content: [
          {
            type: "tool-result",
            toolCallId: "1",
            toolName: "weather",
            output: { type: "json", value: { c: 9 } },
          },
        ],
      },
      { role: "assistant", content: [{ type: "text", text: "Nine degrees." }] },
      { role: "system", content: "In English." },
    ]),
  ).toEqual([
    { role: "system", text: "Be brief.\n\nIn English." },
    { role: "user", text: "How hot is it?" },
    { role: "user", text: 'Result of weather: {"c":9}\n' },
    { role: "assistant", text: "Nine degrees." },
  ]);
});

test("a file in a prompt is refused, with its place", () => {
  const image = { type: "file", mediaType: "image/png", data: { type: "data", data: "" } } as const;
  expect(() => turnsOf([{ role: "user", content: [image] }])).toThrow(
    "a local model reads text alone: message 1 has a file (image/png) in it.",
  );
});
