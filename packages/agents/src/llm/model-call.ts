import type {
  LanguageModelV4CallOptions,
  LanguageModelV4StreamPart,
  LanguageModelV4ToolCall,
  LanguageModelV4Usage,
} from "@ai-sdk/provider";
import type { Clock } from "@shoal/mesh";
import { CallEnd } from "./call-end.ts";
import { failureOf } from "./failure-of.ts";
import { failure } from "./failures.ts";
import { type SpanOf, beginModelSpan, finishFields, metadataFields } from "./model-span.ts";
import type { Loaded } from "./model/language-model.ts";

/** One call of a model: what goes there. */
export type ModelRequest = Omit<LanguageModelV4CallOptions, "abortSignal">;

/** What has come of it, beside the text that was given piece by piece. */
export interface ModelReply {
  readonly text: string;
  readonly toolCalls: readonly LanguageModelV4ToolCall[];
  /** The provider's own figures, as far as it tells them. */
  readonly usage: LanguageModelV4Usage | undefined;
  /** It would have gone on, had it been allowed more tokens. */
  readonly isCut: boolean;
}

export interface CallTerms {
  readonly clock: Clock;
  /** Milliseconds in which nothing comes until it counts as stalled. */
  readonly stallMs: number;
  /** Gives up when it fires. */
  readonly signal: AbortSignal;
  /** Has the call seen by itself in traces. */
  readonly span: SpanOf;
}

/**
 * Asks a model once, and gives its text as it comes. Nothing is tried again here: that is for supervisors.
 *
 * LM1: it ends with a whole answer or with one failure: a stream that breaks off, stalls or makes no sense is never taken
 *      for an answer.
 * LM2: whoever leaves it early ends the provider's work too.
 *
 * @throws MeshError with one of the kinds of failure; what the signal was aborted with
 */
export async function* askModel(
  loaded: Loaded,
  request: ModelRequest,
  terms: CallTerms,
): AsyncGenerator<string, ModelReply> {
  const stop = new CallEnd(terms, () =>
    failure("stalled", `${loaded.name}: nothing has come from it for ${terms.stallMs / 1_000} s.`, {
      model: loaded.name,
    }),
  );
  const reply = { text: "", toolCalls: [] as LanguageModelV4ToolCall[] };
  const span = beginModelSpan(terms.span, loaded, request);
  const askedAt = terms.clock.now();
  let end: Extract<LanguageModelV4StreamPart, { type: "finish" }> | undefined;
  try {
    // Its caller may have left while it waited for its turn.
    stop.signal.throwIfAborted();
    const asked = span.within(() => loaded.model.doStream({ ...request, abortSignal: stop.signal }));
    const { stream } = await stop.orElse(Promise.resolve(asked));
    for await (const part of partsOf(stream, stop)) {
      if (part.type === "error") throw part.error;
      if (part.type === "tool-call") reply.toolCalls.push(part);
      else if (part.type === "response-metadata") span.set(metadataFields(part));
      else if (part.type === "finish") span.set(finishFields((end = part)));
      else if (part.type === "text-delta" && part.delta !== "") {
        if (reply.text === "")
          span.set({ "gen_ai.response.time_to_first_chunk": (terms.clock.now() - askedAt) / 1_000 });
        reply.text += part.delta;
        stop.rest();
        yield part.delta;
        stop.heard();
      }
    }
    const whole = finished(loaded, reply, end);
    span.end();
    return whole;
  } catch (thrown) {
    const error = stop.reason ?? failureOf(thrown, loaded);
    span.end(failureOf(error, loaded));
    throw error;
  } finally {
    // Whoever has left early has not failed.
    span.end();
    stop.close();
  }
}

function finished(
  { name: model }: Loaded,
  reply: Pick<ModelReply, "text" | "toolCalls">,
  end: Extract<LanguageModelV4StreamPart, { type: "finish" }> | undefined,
): ModelReply {
  const reason = end?.finishReason.unified ?? "interrupted";
  if (reason === "content-filter")
    throw failure("refused", `${model}: its provider refuses to answer.`, { model });
  const isBroken = reason === "interrupted" || reason === "error";
  const isEmpty = reply.text === "" && reply.toolCalls.length === 0;
  // Providers give "other" where a stream has ended without a word.
  if (
    isBroken ||
    (reason === "other" && end?.finishReason.raw === undefined) ||
    (reason === "other" && isEmpty)
  )
    throw failure("broken_stream", `${model}: its answer broke off.`, { model });
  return { ...reply, usage: end?.usage, isCut: reason === "length" };
}

/** The parts of a stream until it ends, or until it is given up. */
async function* partsOf(
  stream: ReadableStream<LanguageModelV4StreamPart>,
  stop: CallEnd,
): AsyncGenerator<LanguageModelV4StreamPart> {
  const reader = stream.getReader();
  const leave = (): void => void reader.cancel().catch(() => {});
  stop.signal.addEventListener("abort", leave);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      stop.signal.throwIfAborted();
      if (done) return;
      stop.heard();
      yield value;
    }
  } finally {
    stop.signal.removeEventListener("abort", leave);
    leave();
  }
}
