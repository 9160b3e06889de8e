import type { LanguageModelV4CallOptions, LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { MockLanguageModelV4 } from "ai/test";

type Part = LanguageModelV4StreamPart;
/** What a model does when it is asked: gives these parts, or throws this. */
export type Turn = readonly Part[] | Error | ((options: LanguageModelV4CallOptions) => readonly Part[]);

/** A model of the AI SDK's own testing kit that does in turn what it is told; the last turn is repeated. */
export function scripted(...turns: Turn[]): MockLanguageModelV4 {
  let asked = 0;
  return new MockLanguageModelV4({
    provider: "mock",
    modelId: "scripted",
    doStream: async (options) => {
      const turn = turns[Math.min(asked++, turns.length - 1)] ?? [];
      if (turn instanceof Error) throw turn;
      return { stream: ReadableStream.from(typeof turn === "function" ? turn(options) : turn) };
    },
  });
}

/** A model that gives nothing until it is aborted, and tells whether it was. */
export function silent(before: readonly Part[] = []): {
  model: MockLanguageModelV4;
  signals: AbortSignal[];
  cancelled: () => number;
} {
  const signals: AbortSignal[] = [];
  let cancels = 0;
  const model = new MockLanguageModelV4({
    provider: "mock",
    modelId: "silent",
    doStream: async ({ abortSignal }) => {
      if (abortSignal) signals.push(abortSignal);
      const left = [...before];
      return {
        stream: new ReadableStream<Part>({
          pull(controller) {
            const part = left.shift();
            if (part) controller.enqueue(part);
            return part ? undefined : new Promise<void>(() => {});
          },
          cancel() {
            cancels++;
          },
        }),
      };
    },
  });
  return { model, signals, cancelled: () => cancels };
}

export function text(delta: string): Part {
  return { type: "text-delta", id: "0", delta };
}

export function toolCall(toolName: string, input: unknown, toolCallId = `call-${toolName}`): Part {
  return { type: "tool-call", toolCallId, toolName, input: JSON.stringify(input) };
}

type Reason = "stop" | "length" | "tool-calls" | "content-filter" | "error" | "other";

/** @param tokens in and out; without it the provider does not tell */
export function finish(tokens?: readonly [number, number], unified: Reason = "stop"): Part {
  const [input, output] = tokens ?? [];
  return {
    type: "finish",
    finishReason: { unified, raw: unified },
    usage: {
      inputTokens: { total: input, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
      outputTokens: { total: output, text: undefined, reasoning: undefined },
    },
  };
}

/** A whole answer. */
export function answer(...pieces: string[]): Part[] {
  return [...pieces.map(text), finish([10, pieces.length])];
}

/** The text of the last message that a model was sent. */
export function lastText({ prompt }: LanguageModelV4CallOptions): string {
  const content = prompt.at(-1)?.content;
  if (typeof content === "string") return content;
  return (content ?? []).map((part) => (part.type === "text" ? part.text : "")).join("");
}
