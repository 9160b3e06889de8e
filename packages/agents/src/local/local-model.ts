import type { LanguageModelV4, LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { type Answered, answerStream } from "./answer-stream.ts";
import { generationOf, usageOf, warningsOf } from "./call.ts";
import { turnsOf } from "./conversation.ts";
import { loadLlama } from "./llama-engine.ts";
import { type LocalModelOptions, engineSettingsOf, keepMsOf } from "./settings.ts";
import { Shelf } from "./shelf.ts";
import { locateWeights, weightsOf } from "./weights.ts";

/** One for the process. */
const shelf = new Shelf();

/**
 * A model that runs in this process, for the AI SDK: `streamText({ model: localModel("smollm2"), prompt: "hello" })`.
 *
 * Its weights are read when it is first asked. All models of a process with the same weights and settings are one.
 *
 * @param name `smollm2`, a path to a .gguf file, an `https://…/x.gguf#sha256=…` that has been fetched, or the name of a
 *   file in the models folder
 * @throws MeshError `bad_request` for a name or a setting that cannot be; later, when it is asked, `unavailable` when its
 *   weights are not on this machine or node-llama-cpp is not installed, `not_found` when there are no such weights, and
 *   `too_large` when a conversation leaves no room for an answer
 */
export function localModel(name: string, options: LocalModelOptions = {}): LanguageModelV4 {
  weightsOf(name, options);
  const settings = engineSettingsOf(options);
  const keepMs = keepMsOf(options);

  async function answer(
    call: LanguageModelV4CallOptions,
    signal: AbortSignal,
    onText: (text: string) => void,
  ): Promise<Answered> {
    const turns = turnsOf(call.prompt);
    const path = locateWeights(name, options);
    const key = JSON.stringify([path, settings]);
    return shelf.use(
      key,
      () => loadLlama(path, settings),
      keepMs,
      async ({ engine, places }) => {
        const tokens = engine.tokensOf(turns);
        const generation = generationOf(call, turns, tokens, engine.contextSize);
        return places.use(
          (place) => place.remembered(tokens),
          signal,
          async (place) => {
            const remembered = place.remembered(tokens);
            const { ended, word, tokens: written } = await place.generate(generation, signal, onText);
            return {
              finishReason: { unified: ended, raw: word },
              usage: usageOf(tokens.length, remembered, written),
            };
          },
        );
      },
    );
  }

  return {
    specificationVersion: "v4",
    provider: "local",
    modelId: name,
    supportedUrls: {},
    async doGenerate(call) {
      let text = "";
      const signal = call.abortSignal ?? new AbortController().signal;
      const answered = await answer(call, signal, (piece) => (text += piece));
      return { content: [{ type: "text", text }], ...answered, warnings: warningsOf(call) };
    },
    async doStream(call) {
      const options = { modelId: name, warnings: warningsOf(call), signal: call.abortSignal };
      return { stream: answerStream((signal, onText) => answer(call, signal, onText), options) };
    },
  };
}
