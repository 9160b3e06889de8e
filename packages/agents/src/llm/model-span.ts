import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { Span, SpanFields, SpanOptions } from "@shoal/mesh";
import type { Loaded } from "./model/language-model.ts";
import type { ModelRequest } from "./model-call.ts";

/**
 * A call of a model as traces have it: fields by the semantic conventions of OpenTelemetry 1.45 for generative AI. What is
 * said to a model, and what it says, is not among them.
 */

/** Begins a span of the request for which a model is asked. */
export type SpanOf = (name: string, options: SpanOptions) => Span;

/** Providers whose names the conventions have otherwise. */
const PROVIDERS: Readonly<Record<string, string>> = {
  azure: "azure.ai.openai",
  google: "gcp.gemini",
  mistral: "mistral_ai",
  xai: "x_ai",
};

type Finish = Extract<LanguageModelV4StreamPart, { type: "finish" }>;
type Metadata = Extract<LanguageModelV4StreamPart, { type: "response-metadata" }>;

export function beginModelSpan(spanOf: SpanOf, { name }: Loaded, request: ModelRequest): Span {
  const [provider = "", ...rest] = name.split("::");
  const model = rest.join("::");
  const { temperature, maxOutputTokens, responseFormat } = request;
  return spanOf(`chat ${model}`, {
    kind: "client",
    fields: {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": PROVIDERS[provider] ?? provider,
      "gen_ai.request.model": model,
      "gen_ai.request.stream": true,
      "gen_ai.output.type": responseFormat?.type === "json" ? "json" : "text",
      ...(temperature === undefined ? {} : { "gen_ai.request.temperature": temperature }),
      ...(maxOutputTokens === undefined ? {} : { "gen_ai.request.max_tokens": maxOutputTokens }),
    },
  });
}

/** What the provider says of its answer before that comes. */
export function metadataFields({ id, modelId }: Metadata): SpanFields {
  return {
    ...(id === undefined ? {} : { "gen_ai.response.id": id }),
    ...(modelId === undefined ? {} : { "gen_ai.response.model": modelId }),
  };
}

/** What it says at the end. */
export function finishFields({ finishReason, usage }: Finish): SpanFields {
  const { total: input, cacheRead } = usage.inputTokens;
  const { total: output } = usage.outputTokens;
  return {
    "gen_ai.response.finish_reasons": [finishReason.raw ?? finishReason.unified],
    ...(input === undefined ? {} : { "gen_ai.usage.input_tokens": input }),
    ...(output === undefined ? {} : { "gen_ai.usage.output_tokens": output }),
    ...(cacheRead === undefined ? {} : { "gen_ai.usage.cache_read.input_tokens": cacheRead }),
  };
}
