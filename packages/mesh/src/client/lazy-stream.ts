import type { MeshStream } from "../contract/caller.ts";
import { MeshError } from "../errors.ts";
import type { Calls } from "./calls.ts";
import type { Request } from "./request.ts";
import { StreamCall } from "./stream-call.ts";
import type { Suggestions } from "./suggestions.ts";

/** A stream that is asked for when somebody begins to read it, so one that nobody reads costs nothing. */
export class LazyStream implements MeshStream<unknown> {
  private readonly calls: Calls;
  private readonly request: () => Request;
  private readonly suggestions: Suggestions;

  constructor(calls: Calls, request: () => Request, suggestions: Suggestions) {
    this.calls = calls;
    this.request = request;
    this.suggestions = suggestions;
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown, undefined> {
    let call: StreamCall | undefined;
    let isOver = false;
    const started = (): StreamCall => {
      if (!call) {
        call = new StreamCall(this.calls, this.request());
        call.begin();
      }
      return call;
    };
    return {
      next: async () => {
        if (isOver) return { done: true, value: undefined };
        try {
          return await started().next();
        } catch (error) {
          isOver = true;
          if (!(error instanceof MeshError)) throw error;
          throw await new Promise((resolve) => this.suggestions.explain(error, call?.request, resolve));
        }
      },
      return: async () => {
        isOver = true;
        await call?.return();
        return { done: true, value: undefined };
      },
    };
  }

  async collect(): Promise<unknown[]> {
    const chunks: unknown[] = [];
    for await (const chunk of this) chunks.push(chunk);
    return chunks;
  }
}
