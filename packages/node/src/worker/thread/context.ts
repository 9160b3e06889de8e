import type {
  Agent,
  AgentHandle,
  Batch,
  CallBatchOptions,
  CallOptions,
  Context,
  Contract,
  Emit,
  Items,
  KeptAnswer,
  Logger,
  MeshError,
  MeshStream,
  MethodContracts,
  ReplyMetadata,
  RequestInfo,
  StreamOptions,
  UnaryMethod,
} from "@shoal/mesh";
import type { Run } from "../protocol.ts";
import { sharedNow } from "../shared-clock.ts";
import type { HostedAgent } from "./hosted-agent.ts";
import { ThreadCaller } from "./caller.ts";

/** What a handler in a thread sees of its request. */
export class ThreadContext implements Context {
  readonly signal: AbortSignal;
  readonly request: RequestInfo;
  readonly log: Logger;
  readonly kept: KeptAnswer | undefined;
  readonly #hosted: HostedAgent;
  readonly #key: number;
  readonly #caller: ThreadCaller;
  #metadata: ReplyMetadata | undefined;

  constructor(hosted: HostedAgent, { key, request, kept, deadlineAt }: Run, signal: AbortSignal) {
    const { id, method, trace } = request;
    this.signal = signal;
    this.kept = kept;
    this.request = {
      ...request,
      get remainingMs() {
        return Math.max(0, deadlineAt - sharedNow());
      },
    };
    this.log = hosted.log.child({ method, request: id, trace: trace.traceId });
    this.#hosted = hosted;
    this.#key = key;
    this.#caller = new ThreadCaller(hosted.asker, key, signal);
  }

  get state(): unknown {
    return this.#hosted.state;
  }

  set state(state: unknown) {
    this.#hosted.state = state;
  }

  get metadata(): ReplyMetadata {
    return (this.#metadata ??= {});
  }

  get emit(): Emit {
    return this.#hosted.emit;
  }

  progress(value: unknown): void {
    this.#hosted.progress(this.#key, value);
  }

  /** What goes with the answer; undefined when nothing does. */
  get beside(): ReplyMetadata | undefined {
    return this.#metadata;
  }

  agent<M extends MethodContracts>(agent: Contract<M> | Agent<M>): AgentHandle<M> {
    return this.#caller.agent(agent);
  }

  call(target: string, input?: unknown, options?: CallOptions): Promise<unknown> {
    return this.#caller.call(target, input, options);
  }

  stream(target: string, input?: unknown, options?: StreamOptions): MeshStream<unknown> {
    return this.#caller.stream(target, input, options);
  }

  batch<I, O>(
    target: string | UnaryMethod<I, O>,
    items: Items<I>,
    options?: CallBatchOptions<I>,
  ): Batch<I, O, MeshError> {
    return this.#caller.batch(target, items, options);
  }

  /** The handler has returned. */
  close(): void {
    this.#caller.close();
  }
}
