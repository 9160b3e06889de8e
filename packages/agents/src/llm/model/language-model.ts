import type { LanguageModelV4 } from "@ai-sdk/provider";

/** A model as the AI SDK has it: what its providers make, and its mocks are. */
export type LanguageModel = LanguageModelV4;

/** A model that is ready to be asked. */
export interface Loaded {
  readonly model: LanguageModel;
  /** `provider::model`, for messages, prices and figures. */
  readonly name: string;
  /** Names its provider's account without telling the key: all who have the same share its rate limits. */
  readonly account: string;
  /** What must not be told to anybody. */
  readonly secrets: readonly string[];
}
