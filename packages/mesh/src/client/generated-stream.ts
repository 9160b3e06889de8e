import type { MeshStream } from "../contract/caller.ts";
import { MeshError } from "../errors.ts";

const DONE: IteratorResult<unknown, undefined> = { done: true, value: undefined };

/** Chunks that a generator gives, made anew for each reader. */
export class GeneratedStream implements MeshStream<unknown> {
  private readonly generate: (left: AbortSignal) => AsyncGenerator<unknown>;

  /** @param generate its signal fires when the reader leaves, also while a chunk is due */
  constructor(generate: (left: AbortSignal) => AsyncGenerator<unknown>) {
    this.generate = generate;
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown, undefined> {
    const leaving = new AbortController();
    const { signal } = leaving;
    const chunks = this.generate(signal);
    return {
      next: async () => {
        try {
          return await chunks.next();
        } catch (error) {
          if (signal.aborted) return DONE;
          throw error;
        }
      },
      return: async () => {
        // A generator returns when its present step is done, which may take for ever.
        leaving.abort(new MeshError("cancelled", "the reader of the stream has left."));
        await chunks.return(undefined).catch(() => {});
        return DONE;
      },
    };
  }

  async collect(): Promise<unknown[]> {
    const chunks: unknown[] = [];
    for await (const chunk of this) chunks.push(chunk);
    return chunks;
  }
}
