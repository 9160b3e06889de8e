import { type Context, MeshError, type StreamOptions } from "@shoal/mesh";

/** Answers what an agent asks in mid-flight. The signal fires when nobody waits for the answer any more. */
export type OnAsk = (question: { prompt: string }, asking?: { signal?: AbortSignal }) => Promise<string>;

/** Options of a call whose agent may ask. */
export function withQuestions(options: StreamOptions, onAsk: OnAsk): StreamOptions {
  return { ...options, onAsk } as StreamOptions;
}

/** Asks the caller of a request. @throws MeshError `unavailable` when nobody can be asked, `timeout` */
export function askCaller(ctx: Context, prompt: string): Promise<string> {
  const { ask } = ctx as { ask?: (question: string) => Promise<string> };
  if (ask) return ask.call(ctx, prompt);
  return Promise.reject(
    new MeshError(
      "unavailable",
      `the agent asks ${JSON.stringify(prompt)}, and its caller cannot be asked.`,
      {
        retryable: false,
      },
    ),
  );
}
