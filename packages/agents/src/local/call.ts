import type { LanguageModelV4CallOptions, LanguageModelV4Usage, SharedV4Warning } from "@ai-sdk/provider";
import { MeshError } from "@shoal/mesh";
import type { Generation, Sampling, Turn } from "./engine.ts";

/** Small models that find no end repeat themselves. */
const MOST_WRITTEN = 512;

/**
 * What a call of the AI SDK asks of an engine.
 *
 * @param tokens the conversation, as the model reads it
 * @param contextSize tokens that the conversation and the answer may have together
 * @throws MeshError `too_large` when the conversation leaves no room for an answer
 */
export function generationOf(
  options: LanguageModelV4CallOptions,
  turns: readonly Turn[],
  tokens: readonly number[],
  contextSize: number,
): Generation {
  const room = contextSize - tokens.length;
  if (room < 1)
    throw new MeshError(
      "too_large",
      `the conversation has ${tokens.length} tokens, and this model reads and writes ${contextSize} in all: send less of it, or set a larger contextSize.`,
    );
  const { responseFormat } = options;
  return {
    turns,
    tokens,
    maxTokens: Math.min(options.maxOutputTokens ?? MOST_WRITTEN, room),
    stop: options.stopSequences ?? [],
    sampling: samplingOf(options),
    json: responseFormat?.type === "json" ? { schema: responseFormat.schema } : undefined,
  };
}

/** What of a call a local model cannot do. */
export function warningsOf({ tools = [] }: LanguageModelV4CallOptions): SharedV4Warning[] {
  if (tools.length === 0) return [];
  return [{ type: "unsupported", feature: "tools", details: "A local model is told of no tools." }];
}

/**
 * @param read tokens of the conversation
 * @param remembered how many of these were not computed again
 */
export function usageOf(read: number, remembered: number, written: number): LanguageModelV4Usage {
  return {
    inputTokens: { total: read, noCache: read - remembered, cacheRead: remembered, cacheWrite: undefined },
    outputTokens: { total: written, text: written, reasoning: undefined },
  };
}

function samplingOf({
  temperature,
  topP,
  topK,
  seed,
  frequencyPenalty,
  presencePenalty,
}: LanguageModelV4CallOptions): Sampling {
  const given = { temperature, topP, topK, seed, frequencyPenalty, presencePenalty };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
