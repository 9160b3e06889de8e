import type { MeshStream } from "../contract/caller.ts";
import { MeshError } from "../errors.ts";
import type { Calls } from "./calls.ts";
import type { Request } from "./request.ts";
import { StreamCall } from "./stream-call.ts";

type Explain = (error: MeshError, done: (error: MeshError) => void) => void;

/** A stream that is asked for when somebody begins to read it, so one that nobody reads costs nothing. */
export class LazyStream implements MeshStream<unknown> {
  private readonly calls: Calls;
  private readonly request: () => Request;
  private readonly explain: Explain;

  constructor(calls: Calls, request: () => Request, explain: Explain) {
    this.calls = calls;
    this.request = request;
    this.explain = explain;
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown, undefined> {
    let call: StreamCall | undefined;
    const started = (): StreamCall => {
      if (!call) {
        call = new StreamCall(this.calls, this.request());
        call.begin();
      }
      return call;
    };
    return {
      next: async () => {
        try {
          return await started().next();
        } catch (error) {
          if (!(error instanceof MeshError)) throw error;
          throw await new Promise((resolve) => this.explain(error, resolve));
        }
      },
      return: async () => {
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
