import type { Clock, Concurrency, Duration } from "@shoal/mesh";
import type { z } from "zod";
import type { LanguageModel } from "./model/language-model.ts";
import type { ProviderSettings } from "./model/load-model.ts";
import type { ToolInput } from "./tools/tool.ts";
import type { Prices } from "./usage.ts";

/** `provider::model`, or a model of the AI SDK itself. */
export type ModelInput = string | LanguageModel;

/** How conversations are kept. */
export interface ConversationOptions {
  /** Messages that are sent to the model, and kept. Default 40. */
  readonly history?: number | undefined;
  /** Tokens of their text, roughly. Default 8,000. */
  readonly tokens?: number | undefined;
  /** A conversation that is not asked for so long is forgotten. Default `"1d"`. */
  readonly ttl?: Duration | undefined;
}

export interface BudgetOptions {
  /** Tokens in and out that one request may use, over all calls of models that it makes. Default: no limit. */
  readonly tokensPerRequest?: number | undefined;
  /** US dollars that each replica may spend in a day of UTC; needs `prices`. Default: no limit. */
  readonly costPerDay?: number | undefined;
}

/** What makes a model agent. */
export interface LlmOptions {
  readonly name: string;
  /** Default `"1.0.0"`. */
  readonly version?: string | undefined;
  readonly description?: string | undefined;
  /** Of a list, the next is asked when the one before fails and nothing of its answer has been given yet. */
  readonly model: ModelInput | readonly ModelInput[];
  /** Told to the model before every conversation. Default: nothing. */
  readonly system?: string | undefined;
  /** Default: the model's own. */
  readonly temperature?: number | undefined;
  /** Tokens of one answer. Default: the model's own limit. */
  readonly maxTokens?: number | undefined;
  /** Functions, and methods of agents such as `"summarizer.summarize"`, that the model may call. Default: none. */
  readonly tools?: readonly ToolInput[] | undefined;
  /** Calls of the model that one request may lead to, where it calls tools. Default 8. */
  readonly maxSteps?: number | undefined;
  /** How long nothing may come from the model. Default `"60s"`. */
  readonly stall?: Duration | undefined;
  /** Requests that name a session belong to a conversation, which is kept in the mesh. Default: none. */
  readonly session?: ConversationOptions | undefined;
  readonly budget?: BudgetOptions | undefined;
  /** US dollars for a million tokens, by model. Default: none, and no costs are told. */
  readonly prices?: Prices | undefined;
  /** Addresses and keys of providers, by name. Default: their own, and the usual environment variables. */
  readonly providers?: Readonly<Record<string, ProviderSettings>> | undefined;
  /** What `object` gives where a request says nothing of it: a zod schema, or a JSON Schema. Default: any JSON. */
  readonly schema?: z.ZodType | Readonly<Record<string, unknown>> | undefined;
  /** How often the model is told what is wrong with its object, and asked again. Default 2. */
  readonly repairs?: number | undefined;
  /** Requests that a replica handles at once. Default 8. */
  readonly concurrency?: Concurrency | undefined;
  readonly clock?: Clock | undefined;
  /** Where keys are looked up. Default: the process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** The date in UTC, such as `2026-03-01`: for `costPerDay`. */
  readonly today?: (() => string) | undefined;
}
