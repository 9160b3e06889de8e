/** The agents that come with Shoal. */
import type { Agent } from "@shoal/mesh";
import { echo } from "./echo.ts";
import { keywords } from "./keywords.ts";
import { reader } from "./reader.ts";
import { summarizer } from "./summarizer.ts";

export { echo } from "./echo.ts";
export { keywords } from "./keywords.ts";
export { CATALOGUE, type CatalogueEntry, type WheelFile } from "./local/catalogue.ts";
export { type LocalModel, localModel } from "./local/local-model.ts";
export { Census, type CensusParts } from "./metrics/census.ts";
export { modelsFolder } from "./local/models-folder.ts";
export type { LocalModelOptions } from "./local/settings.ts";
export { type Weights, type WeightsOptions, locateWeights, weightsOf } from "./local/weights.ts";
export type { About, Kind } from "./kind.ts";
export { kinds } from "./kinds.ts";
export { defineMetrics } from "./metrics/define-metrics.ts";
export type { Query } from "./metrics/query.ts";
export type {
  AgentReport,
  MethodReport,
  MetricsReport,
  NodeReport,
  ReplicaReport,
  RequestReport,
} from "./metrics/report.ts";
export { type Attachment, attachment } from "./protocol/attachment.ts";
export { type ForeignOptions, foreignAgent } from "./protocol/caller/foreign.ts";
export { type ProtocolHost, hostProtocol } from "./protocol/host/host.ts";
export { isPromptable } from "./protocol/prompt-method.ts";
export type { ProtocolOptions } from "./protocol/host/options.ts";
export { reader } from "./reader.ts";
export { summarizer } from "./summarizer.ts";

export { defineLlm } from "./llm/define-llm.ts";
export { FAILURES, type FailureKind } from "./llm/failures.ts";
export type { LanguageModel } from "./llm/model/language-model.ts";
export type { ProviderSettings } from "./llm/model/load-model.ts";
export type { Message } from "./llm/message.ts";
export type { BudgetOptions, ConversationOptions, LlmOptions, ModelInput } from "./llm/options.ts";
export { type Tool, type ToolContext, type ToolInput, defineTool } from "./llm/tools/tool.ts";
export type { Price, Prices, Usage } from "./llm/usage.ts";

/** By name: what a configuration may `use`. */
export const agents: Readonly<Record<string, Agent>> = { echo, keywords, reader, summarizer };
