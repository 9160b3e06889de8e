import type { LanguageModelV4, LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { type Answered, answerStream } from "./answer-stream.ts";
import { generationOf, usageOf, warningsOf } from "./call.ts";
import { turnsOf } from "./conversation.ts";
import type { Place } from "./engine.ts";
import { loadLlama } from "./llama-engine.ts";
import { type LocalModelOptions, engineSettingsOf, keepMsOf } from "./settings.ts";
import { type Loaded, Shelf } from "./shelf.ts";
import { locateWeights, weightsOf } from "./weights.ts";

/** One for the process. */
const shelf = new Shelf();

/** A model of the AI SDK that runs in this process. */
export type LocalModel = LanguageModelV4 & {
  /**
   * Reads the weights now, rather than when it is first asked: some seconds, of which half a second at a time holds up
   * everything else in the process. An agent does that in its `onStart`.
   */
  load(): Promise<void>;
};

/**
 * A model that runs in this process, for the AI SDK: `streamText({ model: localModel("smollm2"), prompt: "hello" })`.
 *
 * All models of a process with the same weights and settings are one. It leaves memory when nobody uses it.
 *
 * @param name `smollm2`, a path to a .gguf file, an `https://…/x.gguf#sha256=…` that has been fetched, or the name of a
 *   file in the models folder
 * @throws MeshError `bad_request` for a name or a setting that cannot be; later, when it is loaded or asked, `unavailable`
 *   when its weights are not on this machine or node-llama-cpp is not installed, `not_found` when there are no such
 *   weights, `internal` when they are no model, and `too_large` when a conversation leaves no room for an answer
 */
export function localModel(name: string, options: LocalModelOptions = {}): LocalModel {
  weightsOf(name, options);
  const settings = engineSettingsOf(options);
  const keepMs = keepMsOf(options);

  async function inMemory<T>(work: (loaded: Loaded) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const path = locateWeights(name, options);
    const key = JSON.stringify([path, settings]);
    return shelf.use(key, () => loadLlama(path, settings), keepMs, work, signal);
  }

  return {
    specificationVersion: "v4",
    provider: "local",
    modelId: name,
    supportedUrls: {},
    load: () => inMemory(() => Promise.resolve()),
    async doGenerate(call) {
      let text = "";
      const signal = call.abortSignal ?? new AbortController().signal;
      const answered = await inMemory(
        (loaded) => answer(loaded, call, signal, (piece) => (text += piece)),
        signal,
      );
      return { content: [{ type: "text", text }], ...answered, warnings: warningsOf(call) };
    },
    async doStream(call) {
      const about = { modelId: name, warnings: warningsOf(call), signal: call.abortSignal };
      const stream = answerStream(
        (signal, onText) => inMemory((loaded) => answer(loaded, call, signal, onText), signal),
        about,
      );
      return { stream };
    },
  };
}

async function answer(
  { engine, places }: Loaded,
  call: LanguageModelV4CallOptions,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<Answered> {
  const turns = turnsOf(call.prompt);
  const tokens = engine.tokensOf(turns);
  const generation = generationOf(call, turns, tokens, engine.contextSize);
  // A place that remembers most of a conversation has the least to read.
  const worth = (place: Place): number => place.remembered(tokens);
  return places.use(worth, signal, async (place) => {
    const remembered = worth(place);
    const { ended, word, tokens: written } = await place.generate(generation, signal, onText);
    return {
      finishReason: { unified: ended, raw: word },
      usage: usageOf(tokens.length, remembered, written),
    };
  });
}
