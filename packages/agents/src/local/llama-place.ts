import type { Llama, LlamaChat, LlamaChatResponse, LlamaGrammar, Token } from "node-llama-cpp";
import type { Generated, Generation, Place, Sampling } from "./engine.ts";
import { historyOf } from "./llama-history.ts";

/**
 * A sequence of a llama.cpp context.
 *
 * LO5: what is given up ends with the token, or the few tokens of the conversation, that are being computed.
 */
export class LlamaPlace implements Place {
  private readonly llama: Llama;
  private readonly chat: LlamaChat;
  private readonly readAtOnce: number;

  /** @param readAtOnce tokens of a conversation that are read in one go */
  constructor(llama: Llama, chat: LlamaChat, readAtOnce: number) {
    this.llama = llama;
    this.chat = chat;
    this.readAtOnce = readAtOnce;
  }

  remembered(tokens: readonly number[]): number {
    return this.chat.sequence.compareContextTokens([...tokens] as Token[]).firstDifferentIndex;
  }

  async generate(
    generation: Generation,
    signal: AbortSignal,
    onText: (text: string) => void,
  ): Promise<Generated> {
    const { sequence } = this.chat;
    await this.read(generation.tokens, signal);
    const before = sequence.tokenMeter.getState();
    const { metadata } = await this.chat.generateResponse(historyOf(generation.turns), {
      signal,
      stopOnAbortSignal: true,
      maxTokens: generation.maxTokens,
      customStopTriggers: generation.stop,
      onTextChunk: onText,
      ...optionsOf(generation.sampling),
      ...(await this.grammarFor(generation)),
    });
    signal.throwIfAborted();
    const { usedOutputTokens } = sequence.tokenMeter.diff(before);
    return { ...endOf(metadata.stopReason), tokens: usedOutputTokens };
  }

  /** LO5: the library itself reads a conversation in one go, however long that takes. The last token is left to it. */
  private async read(tokens: readonly number[], signal: AbortSignal): Promise<void> {
    const { sequence } = this.chat;
    const from = this.remembered(tokens);
    if (from < sequence.nextTokenIndex)
      await sequence.eraseContextTokenRanges([{ start: from, end: sequence.nextTokenIndex }]);
    const last = tokens.length - 1;
    for (let at = from; at < last; at += this.readAtOnce) {
      signal.throwIfAborted();
      const piece = tokens.slice(at, Math.min(at + this.readAtOnce, last));
      await sequence.evaluateWithoutGeneratingNewTokens(piece as Token[]);
    }
    signal.throwIfAborted();
  }

  private async grammarFor({ json }: Generation): Promise<{ grammar?: LlamaGrammar }> {
    if (json === undefined) return {};
    if (json.schema === undefined) return { grammar: await this.llama.getGrammarFor("json") };
    const schema = json.schema as Parameters<Llama["createGrammarForJsonSchema"]>[0];
    return { grammar: await this.llama.createGrammarForJsonSchema(schema) };
  }
}

function optionsOf({ frequencyPenalty, presencePenalty, ...sampling }: Sampling): object {
  if (frequencyPenalty === undefined && presencePenalty === undefined) return sampling;
  return { ...sampling, repeatPenalty: { frequencyPenalty, presencePenalty } };
}

type StopReason = LlamaChatResponse["metadata"]["stopReason"];

function endOf(word: StopReason): Omit<Generated, "tokens"> {
  return { ended: word === "maxTokens" ? "length" : "stop", word };
}
