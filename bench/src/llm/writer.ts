import { once } from "node:events";
import { type OpenAICompatibleProvider, createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { defineLlm } from "@shoal/agents";
import { type Agent, defineAgent } from "@shoal/mesh";
import { streamText } from "ai";
import { z } from "zod";
import { type Timing, modelOf } from "./timing.ts";

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

/** The same as an agent, under the name of its model. */
export function writerAt(url: string, timing: Timing): Agent {
  const name = modelOf(timing);
  return defineLlm({ name, model: providerAt(url)(name), concurrency: CONCURRENCY, stall: "1h" });
}

/** An agent whose streams wait after their first word, with no model behind them: what is left is Shoal's own. */
export const pacer: Agent = defineAgent({
  name: "pacer",
  version: "1.0.0",
  concurrency: CONCURRENCY,
  methods: {
    prompt: {
      input: z.string(),
      chunk: z.string(),
      async *run(_input, { signal }) {
        yield "word ";
        await once(signal, "abort");
      },
    },
  },
}) as Agent;
