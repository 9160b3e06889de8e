import type { Message } from "./message.ts";
import { estimateTokens } from "./usage.ts";

/** How much of a conversation is sent to the model, and kept. */
export interface HistoryLimits {
  /** Messages. */
  readonly messages: number;
  /** Tokens of their text, roughly. */
  readonly tokens: number;
}

/**
 * The newest messages that fit, from a question on: an answer without its question would mislead the model. The last
 * one is kept in any case.
 *
 * LM6: never more than the limits allow, but for one message that is too long by itself.
 */
export function trimmed(messages: readonly Message[], { messages: most, tokens }: HistoryLimits): Message[] {
  let from = messages.length;
  let used = 0;
  while (from > 0 && messages.length - from < most) {
    used += estimateTokens(messages[from - 1]?.content ?? "");
    if (used > tokens && from < messages.length) break;
    from--;
  }
  while (from < messages.length - 1 && messages[from]?.role === "assistant") from++;
  return messages.slice(from);
}
