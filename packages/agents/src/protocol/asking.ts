import { type Context, MeshError, type StreamOptions } from "@shoal/mesh";

/** Answers what an agent asks in mid-flight. The signal fires when nobody waits for the answer any more. */
export type OnAsk = (question: { prompt: string }, asking?: { signal?: AbortSignal }) => Promise<string>;

/** Options of a call whose agent may ask. */
export function withQuestions(options: StreamOptions, onAsk: OnAsk): StreamOptions {
  return { ...options, onAsk } as StreamOptions;
}

/** A context whose caller can be asked. */
interface Asking {
  ask?: (question: string, options: { timeout: number; signal: AbortSignal }) => Promise<string>;
}

/**
 * Asks the caller of a request, for as long as that lasts.
 * @param signal withdraws the question
 * @throws MeshError `unavailable` when nobody can be asked
 */
export async function askCaller(ctx: Context, prompt: string, signal: AbortSignal): Promise<string> {
  const asking = ctx as Asking;
  if (asking.ask) return asking.ask(prompt, { timeout: ctx.request.remainingMs, signal });
  throw new MeshError(
    "unavailable",
    `the agent asks ${JSON.stringify(prompt)}, and its caller cannot be asked.`,
    { retryable: false },
  );
}
