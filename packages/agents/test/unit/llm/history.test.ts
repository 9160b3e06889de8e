import { array, assert, constantFrom, integer, property, record, string } from "fast-check";
import { expect, test } from "vitest";
import { trimmed } from "../../../src/llm/history.ts";
import type { Message } from "../../../src/llm/message.ts";
import { estimateTokens } from "../../../src/llm/usage.ts";

const said = (...turns: string[]): Message[] =>
  turns.map((content, i) => ({ role: i % 2 === 0 ? "user" : "assistant", content }));

test("the newest messages are kept, from a question on", () => {
  const talk = said("q1", "a1", "q2", "a2", "q3");
  expect(trimmed(talk, { messages: 40, tokens: 1_000 })).toEqual(talk);
  expect(trimmed(talk, { messages: 3, tokens: 1_000 })).toEqual(talk.slice(2));
  expect(trimmed(talk, { messages: 4, tokens: 1_000 })).toEqual(talk.slice(2));
  expect(trimmed(talk, { messages: 40, tokens: 2 })).toEqual(talk.slice(4));
  expect(trimmed(said("a very long question indeed"), { messages: 40, tokens: 2 })).toHaveLength(1);
});

test("LM6: never more messages or tokens than the limits, but for one", () => {
  const message = record({
    role: constantFrom("user", "assistant", "system"),
    content: string({ maxLength: 200 }),
  });
  const limits = record({
    messages: integer({ min: 1, max: 20 }),
    tokens: integer({ min: 1, max: 300 }),
  });
  assert(
    property(array(message, { maxLength: 60 }), limits, (messages, limits) => {
      const kept = trimmed(messages, limits);
      const tokens = kept.reduce((sum, { content }) => sum + estimateTokens(content), 0);
      expect(kept).toEqual(messages.slice(messages.length - kept.length));
      expect(kept.length).toBeLessThanOrEqual(limits.messages);
      if (kept.length > 1) expect(tokens).toBeLessThanOrEqual(limits.tokens);
      if (messages.length > 0) expect(kept.length).toBeGreaterThan(0);
    }),
  );
});
