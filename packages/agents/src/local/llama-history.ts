import type { ChatHistoryItem } from "node-llama-cpp";
import type { Turn } from "./engine.ts";

/** As the library has it: its last item is the answer that is to be written. */
export function historyOf(turns: readonly Turn[]): ChatHistoryItem[] {
  const history = turns.map(({ role, text }): ChatHistoryItem =>
    role === "assistant" ? { type: "model", response: [text] } : { type: role, text },
  );
  return history.at(-1)?.type === "model" ? history : [...history, { type: "model", response: [] }];
}
