import type { LanguageModelV4Usage } from "@ai-sdk/provider";

/** What an answer has used; summed over all calls of models that it took. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** US dollars; undefined where the prices do not tell. */
  readonly cost?: number | undefined;
  /** The provider did not tell its figures: these are counted from the text. */
  readonly estimated?: true | undefined;
}

/** US dollars for a million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
}

/** By model, as `provider::model`; `provider::*` is for all others of that provider. */
export type Prices = Readonly<Record<string, Price>>;

export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0 };

/** English text has about four characters to a token; a message has a few tokens of its own. */
const CHARACTERS_PER_TOKEN = 4;

/** Tokens that a text has, roughly. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}

/** What one call has used: by the provider's own figures, else as the text lets one guess. */
export function usageOf(
  told: LanguageModelV4Usage | undefined,
  text: { readonly input: string; readonly output: string },
  price: Price | undefined,
): Usage {
  const input = told?.inputTokens.total;
  const output = told?.outputTokens.total;
  const inputTokens = input ?? estimateTokens(text.input);
  const outputTokens = output ?? estimateTokens(text.output);
  return {
    inputTokens,
    outputTokens,
    ...(price ? { cost: costOf(inputTokens, outputTokens, price) } : {}),
    ...(input === undefined || output === undefined ? { estimated: true } : {}),
  };
}

export function sumOf(a: Usage, b: Usage): Usage {
  const cost = a.cost === undefined && b.cost === undefined ? undefined : (a.cost ?? 0) + (b.cost ?? 0);
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    ...(cost === undefined ? {} : { cost }),
    ...(a.estimated || b.estimated ? { estimated: true } : {}),
  };
}

export function priceOf(model: string, prices: Prices): Price | undefined {
  return prices[model] ?? prices[`${model.split("::")[0]}::*`];
}

function costOf(inputTokens: number, outputTokens: number, { input, output }: Price): number {
  return (inputTokens * input + outputTokens * output) / 1e6;
}
