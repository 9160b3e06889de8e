import type { MeshStream } from "../contract/caller.ts";
import type { Calls } from "./calls.ts";
import type { Request } from "./request.ts";
import { StreamCall } from "./stream-call.ts";
import type { Suggestions } from "./suggestions.ts";

const DONE: IteratorResult<unknown, undefined> = { done: true, value: undefined };

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
    const begin = (): StreamCall => {
      call = new StreamCall(this.calls, this.request(), this.suggestions);
      call.begin();
      return call;
    };
    return {
      next() {
        if (isOver) return Promise.resolve(DONE);
        if (call) return call.next();
        try {
          return begin().next();
        } catch (error) {
          isOver = true;
          return Promise.reject(error);
        }
      },
      return() {
        isOver = true;
        return call ? call.return() : Promise.resolve(DONE);
      },
    };
  }

  async collect(): Promise<unknown[]> {
    const chunks: unknown[] = [];
    for await (const chunk of this) chunks.push(chunk);
    return chunks;
  }
}
