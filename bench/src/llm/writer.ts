import { once } from "node:events";
import { type OpenAICompatibleProvider, createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { type Agent, defineAgent } from "@shoal/mesh";
import { streamText } from "ai";
import { z } from "zod";

/** More streams than any part of the benchmark opens. */
const CONCURRENCY = 2_000;

export function providerAt(url: string): OpenAICompatibleProvider {
  return createOpenAICompatible({ name: "steady", baseURL: url, apiKey: "none" });
}

/** What a program does that calls the AI SDK itself. */
export function answered(
  provider: OpenAICompatibleProvider,
  model: string,
  prompt: string,
  signal: AbortSignal,
): AsyncIterable<string> {
  return streamText({ model: provider(model), prompt, abortSignal: signal }).textStream;
}

const input = z.object({ model: z.string(), prompt: z.string() });

/** The same as an agent: what it says goes on as it comes. */
export function writerAt(url: string): Agent {
  const provider = providerAt(url);
  return defineAgent({
    name: "writer",
    version: "1.0.0",
    concurrency: CONCURRENCY,
    methods: {
      prompt: {
        input,
        chunk: z.string(),
        run: ({ model, prompt }, { signal }) => answered(provider, model, prompt, signal),
      },
    },
  }) as Agent;
}

/** An agent whose streams wait after their first word, with no model behind them: what is left is Shoal's own. */
export const pacer: Agent = defineAgent({
  name: "pacer",
  version: "1.0.0",
  concurrency: CONCURRENCY,
  methods: {
    prompt: {
      input,
      chunk: z.string(),
      async *run(_input, { signal }) {
        yield "word ";
        await once(signal, "abort");
      },
    },
  },
}) as Agent;
