/** One message of a conversation, as a text. */
export interface Turn {
  readonly role: "system" | "user" | "assistant";
  readonly text: string;
}

/** What is to be generated. */
export interface Generation {
  readonly turns: readonly Turn[];
  /** `turns` by the model's chat template: what it reads before it writes. */
  readonly tokens: readonly number[];
  /** Tokens that it may write. */
  readonly maxTokens: number;
  /** Texts at which it ends; they are not part of the answer. */
  readonly stop: readonly string[];
  readonly sampling: Sampling;
  /** It may write JSON alone: of this JSON Schema, or of any shape. */
  readonly json: { readonly schema: unknown } | undefined;
}

/** How the next token is chosen. What is left out is the engine's own default. */
export interface Sampling {
  /** 0 always takes the likeliest. */
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  /** The same seed and the same reading give the same answer. */
  readonly seed?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
}

export interface Generated {
  /** Tokens that were written. */
  readonly tokens: number;
  /** `stop`: the model, or a stop text, ended it. `length`: it had no more tokens. */
  readonly ended: "stop" | "length";
  /** The same in the engine's own word. */
  readonly word: string;
}

/** Where one answer at a time is generated. It remembers what it read and wrote last. */
export interface Place {
  /** How many of these tokens, from the first on, it remembers: those are not computed again. */
  remembered(tokens: readonly number[]): number;
  /** @throws the signal's reason, when that ends it */
  generate(generation: Generation, signal: AbortSignal, onText: (text: string) => void): Promise<Generated>;
}

/** A model in memory. */
export interface Engine {
  /** Tokens that a conversation and its answer may have together. */
  readonly contextSize: number;
  readonly places: readonly Place[];
  /** A conversation by the model's chat template, with the beginning of an answer. */
  tokensOf(turns: readonly Turn[]): readonly number[];
  dispose(): Promise<void>;
}
