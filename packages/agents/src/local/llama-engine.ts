import { basename } from "node:path";
import { MeshError } from "@shoal/mesh";
import type { LlamaChat, LlamaContext, LlamaModel } from "node-llama-cpp";
import type { Engine, Place, Turn } from "./engine.ts";
import { historyOf } from "./llama-history.ts";
import { LlamaPlace } from "./llama-place.ts";
import { type LlamaLibrary, llamaLibrary } from "./llama.ts";
import type { EngineSettings } from "./settings.ts";

/** Tokens that are read in one go: what is given up meanwhile ends after it, 0.25 s for a small model on one thread. */
const READ_AT_ONCE = 32;

/**
 * Reads a GGUF model into memory.
 *
 * @throws MeshError `unavailable` as {@link llamaLibrary}, `internal` when the file is no model or there is no room for it
 */
export async function loadLlama(path: string, settings: EngineSettings): Promise<Engine> {
  const bound = await llamaLibrary();
  let model: LlamaModel | undefined;
  try {
    model = await bound.llama.loadModel({ modelPath: path });
    const context = await model.createContext({
      sequences: settings.slots,
      contextSize: Math.min(settings.contextSize, model.trainContextSize),
      threads: settings.threads,
      batchSize: READ_AT_ONCE * settings.slots,
    });
    return new LlamaEngine(bound, model, context, settings.slots);
  } catch (error) {
    await model?.dispose();
    throw new MeshError(
      "internal",
      `the weights ${basename(path)} cannot be used: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}

class LlamaEngine implements Engine {
  readonly contextSize: number;
  readonly places: readonly Place[];
  private readonly model: LlamaModel;
  private readonly chat: LlamaChat;

  constructor({ library, llama }: LlamaLibrary, model: LlamaModel, context: LlamaContext, slots: number) {
    // To find out which template the model has takes a while.
    const chatWrapper = library.resolveChatWrapper(model);
    const chats = Array.from(
      { length: slots },
      () => new library.LlamaChat({ contextSequence: context.getSequence(), chatWrapper }),
    );
    const [first] = chats;
    if (!first) throw new Error("a model has one place at least");
    this.model = model;
    this.chat = first;
    this.contextSize = first.sequence.contextSize;
    this.places = chats.map((chat) => new LlamaPlace(llama, chat, READ_AT_ONCE));
  }

  tokensOf(turns: readonly Turn[]): readonly number[] {
    const { contextText } = this.chat.chatWrapper.generateContextState({ chatHistory: historyOf(turns) });
    return contextText.tokenize(this.model.tokenizer);
  }

  async dispose(): Promise<void> {
    await this.model.dispose();
  }
}
