import { randomUUID } from "node:crypto";
import type {
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
  SharedV4Warning,
} from "@ai-sdk/provider";

/** How an answer ended, and what it took. */
export interface Answered {
  readonly finishReason: LanguageModelV4FinishReason;
  readonly usage: LanguageModelV4Usage;
}

/** Generates an answer, and tells its text as it comes. @throws the signal's reason, when that ends it */
export type Answer = (signal: AbortSignal, onText: (text: string) => void) => Promise<Answered>;

export interface StreamOptions {
  readonly modelId: string;
  readonly warnings: SharedV4Warning[];
  readonly signal: AbortSignal | undefined;
}

/** There is one text in an answer. */
const id = "0";

/**
 * An answer as the parts that the AI SDK reads. Who leaves the stream ends the work. What is generated before it is read
 * waits: a model is slower than its readers, and its answer has a greatest length.
 */
export function answerStream(
  answer: Answer,
  { modelId, warnings, signal }: StreamOptions,
): ReadableStream<LanguageModelV4StreamPart> {
  const left = new AbortController();
  const ends = signal === undefined ? left.signal : AbortSignal.any([left.signal, signal]);
  return new ReadableStream<LanguageModelV4StreamPart>({
    start(controller) {
      controller.enqueue({ type: "stream-start", warnings });
      controller.enqueue({ type: "response-metadata", id: randomUUID(), modelId });
      controller.enqueue({ type: "text-start", id });
      const tell = (delta: string): void => {
        if (!left.signal.aborted) controller.enqueue({ type: "text-delta", id, delta });
      };
      answer(ends, tell).then(
        (answered) => {
          if (left.signal.aborted) return;
          controller.enqueue({ type: "text-end", id });
          controller.enqueue({ type: "finish", ...answered });
          controller.close();
        },
        (error: unknown) => controller.error(error),
      );
    },
    cancel: (reason) => left.abort(reason),
  });
}
