import {
  type Agent,
  type AgentHandle,
  type AskOptions,
  type Batch,
  type CallBatchOptions,
  type CallOptions,
  type Caller,
  type Contract,
  type Items,
  type Memory,
  type MeshError,
  type MeshStream,
  type MethodContracts,
  type Question,
  type Served,
  type StreamOptions,
  type UnaryMethod,
  callBatch,
} from "@shoal/mesh";
import type { Asker, Asking } from "../asker.ts";
import type { Call } from "../protocol.ts";
import type { Answerers } from "./answerers.ts";

type Target = Call["target"];

/** What a thread has for all its handlers. */
interface Shared {
  readonly asker: Asker<Call>;
  readonly answerers: Answerers;
}

/** Has the main thread make a handler's calls. */
export class ThreadCaller implements Caller {
  private readonly shared: Shared;
  private readonly key: number;
  private readonly open = new Set<AsyncGenerator<unknown>>();

  private readonly signal: AbortSignal;

  /** @param key the replica's number for the handler's run @param signal the handler's */
  constructor(shared: Shared, key: number, signal: AbortSignal) {
    this.shared = shared;
    this.key = key;
    this.signal = signal;
  }

  agent<M extends MethodContracts>(agent: Contract<M> | Agent<M>): AgentHandle<M> {
    const { name, methods, session } = "contract" in agent ? agent.contract : agent;
    const handle: Record<string, (input: unknown, options?: StreamOptions) => unknown> = {};
    for (const [method, { idempotent, resumable, timeout, chunk }] of Object.entries(methods)) {
      const target = { agent: name, method, idempotent, resumable, timeout };
      const asking = (input: unknown, options?: StreamOptions): Asking<Call> =>
        this.asking(target, input, { ...options, ...sessionIn(session, input, method) });
      handle[method] = chunk
        ? (input, options) => this.streamOf(asking(input, options))
        : (input, options) => this.value(asking(input, options));
    }
    return handle as AgentHandle<M>;
  }

  call(target: string, input?: unknown, options?: CallOptions): Promise<unknown> {
    return this.value(this.asking(target, input, options));
  }

  batch<I, O>(
    target: string | UnaryMethod<I, O>,
    items: Items<I>,
    options?: CallBatchOptions<I>,
  ): Batch<I, O, MeshError> {
    return callBatch(this, target, items, options, { signal: this.signal });
  }

  stream(target: string, input?: unknown, options?: StreamOptions): MeshStream<unknown> {
    return this.streamOf(this.asking(target, input, options));
  }

  /** Has something done with the memory of the request's session. */
  remember(method: keyof Memory, args: readonly unknown[]): Promise<unknown> {
    const asking = this.asking("", args);
    return this.value({
      ...asking,
      work: { ...asking.work, memory: method },
      what: `the memory's ${method}`,
    });
  }

  /** Has the request's caller asked something. */
  ask(question: string | Question, { timeout, signal }: AskOptions = {}): Promise<string> {
    const asking = this.asking("", question);
    const options = timeout === undefined ? {} : { timeout };
    const answer = this.value({
      ...asking,
      work: { ...asking.work, options, isQuestion: true },
      what: "a question to the caller",
      signal,
    }) as Promise<string>;
    // A handler may leave it behind: that is no fault of the thread.
    answer.catch(() => {});
    return answer;
  }

  /** Leaves the streams that the handler has not read to their end: nobody will. */
  close(): void {
    for (const chunks of this.open) void chunks.return(undefined).catch(() => {});
  }

  private asking(target: Target, input: unknown, options: StreamOptions = {}): Asking<Call> {
    const { signal, onServed, onAsk, fallback, ...rest } = options;
    const named = fallback?.map(nameOf);
    return {
      work: {
        key: this.key,
        target,
        input,
        options: named ? { ...rest, fallback: named } : rest,
        onAsk: onAsk && this.shared.answerers.add(onAsk),
      },
      what: `the call of ${typeof target === "string" ? target : `${target.agent}.${target.method}`}`,
      signal,
      onBeside: (served) => {
        if (served !== undefined) tell(onServed, served as Served);
      },
    };
  }

  private streamOf(asking: Asking<Call>): MeshStream<unknown> {
    return {
      [Symbol.asyncIterator]: () => this.read(asking),
      collect: async () => {
        const chunks: unknown[] = [];
        for await (const chunk of this.read(asking)) chunks.push(chunk);
        return chunks;
      },
    };
  }

  private async value(asking: Asking<Call>): Promise<unknown> {
    try {
      return await this.shared.asker.value(asking);
    } finally {
      this.shared.answerers.remove(asking.work.onAsk);
    }
  }

  private async *read(asking: Asking<Call>): AsyncGenerator<unknown, void> {
    const chunks = this.shared.asker.chunks(asking);
    this.open.add(chunks);
    try {
      yield* chunks;
    } finally {
      this.open.delete(chunks);
      this.shared.answerers.remove(asking.work.onAsk);
    }
  }
}

/** The session of an input, which cannot be told on the main thread: functions are not copied. */
function sessionIn(session: Contract["session"], input: unknown, method: string): { session?: string } {
  try {
    const id = session?.(input as never, method);
    return id === undefined ? {} : { session: id };
  } catch {
    // The replica names it, once it has checked the input.
    return {};
  }
}

/** A contract says no more here than its name. */
function nameOf(agent: string | Contract | Agent): string {
  if (typeof agent === "string") return agent;
  return "contract" in agent ? agent.contract.name : agent.name;
}

/** What the listener throws is its own affair: the answer arrives all the same. */
function tell(onServed: CallOptions["onServed"], served: Served): void {
  try {
    onServed?.(served);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
