import { localModel } from "@shoal/agents";
import { defineAgent } from "@shoal/mesh";
import { type ModelMessage, streamText } from "ai";
import { z } from "zod";

const SLOTS = 2;
const SYSTEM = "You are a helpful assistant. You answer in a few sentences.";

const model = localModel("smollm2", { slots: SLOTS });

/** Answers from a model in its own process. Any model of the AI SDK can stand in its place. */
export const writer = defineAgent({
  name: "writer",
  version: "1.0.0",
  description: "Answers with a language model",
  concurrency: SLOTS,
  onStart: () => model.load(),
  session: { state: () => ({ messages: [] as ModelMessage[] }) },
  methods: {
    prompt: {
      description: "One question, one answer",
      input: z.string().min(1),
      chunk: z.string(),
      timeout: "2m",
      async *run(text, { signal }) {
        yield* answer([{ role: "user", content: text }], signal);
      },
    },
    chat: {
      description: "A conversation: it knows what was said before in its session",
      input: z.string().min(1),
      chunk: z.string(),
      timeout: "2m",
      async *run(text, { session, signal }) {
        const { messages } = session.state;
        messages.push({ role: "user", content: text });
        let said = "";
        for await (const piece of answer(messages, signal)) {
          said += piece;
          yield piece;
        }
        messages.push({ role: "assistant", content: said });
      },
    },
  },
});

async function* answer(messages: ModelMessage[], abortSignal: AbortSignal): AsyncGenerator<string> {
  const options = { instructions: SYSTEM, temperature: 0.5, frequencyPenalty: 0.5, maxOutputTokens: 120 };
  for await (const part of streamText({ model, messages, abortSignal, ...options }).fullStream) {
    if (part.type === "error") throw part.error;
    if (part.type === "text-delta") yield part.text;
  }
}
