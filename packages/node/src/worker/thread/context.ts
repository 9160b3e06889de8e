import {
  type Agent,
  type AgentHandle,
  type AskOptions,
  type Batch,
  type CallBatchOptions,
  type CallOptions,
  type Context,
  type Contract,
  type Emit,
  type Items,
  type KeptAnswer,
  type Logger,
  type MeshStream,
  type MethodContracts,
  type Question,
  type ReplyMetadata,
  type RequestInfo,
  type Session,
  type Span,
  type StreamOptions,
  type UnaryMethod,
  MeshError,
  TokenBudget,
} from "@shoal/mesh";
import type { Left, Run } from "../protocol.ts";
import { sharedNow } from "../shared-clock.ts";
import type { HostedAgent } from "./hosted-agent.ts";
import { ThreadSession } from "./session.ts";
import { ThreadCaller } from "./caller.ts";

/** What a handler in a thread sees of its request. */
export class ThreadContext implements Context {
  readonly signal: AbortSignal;
  readonly request: RequestInfo;
  readonly log: Logger;
  readonly kept: KeptAnswer | undefined;
  readonly #session: ThreadSession | undefined;
  readonly #hosted: HostedAgent;
  readonly #key: number;
  readonly #caller: ThreadCaller;
  #metadata: ReplyMetadata | undefined;
  #tokens: TokenBudget | undefined;

  constructor(hosted: HostedAgent, { key, request, kept, session, deadlineAt }: Run, signal: AbortSignal) {
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
    this.#caller = new ThreadCaller(hosted, key, signal);
    this.#session = session && new ThreadSession(session, this.#caller);
  }

  get state(): unknown {
    return this.#hosted.state;
  }

  set state(state: unknown) {
    this.#hosted.state = state;
  }

  get session(): Session {
    if (this.#session) return this.#session;
    const { agent, method } = this.request;
    throw new MeshError(
      "bad_request",
      `${agent}.${method} needs a session: give its agent a \`session\`, and name one by the header Shoal-Session.`,
    );
  }

  get metadata(): ReplyMetadata {
    return (this.#metadata ??= {});
  }

  get tokens(): TokenBudget {
    return (this.#tokens ??= new TokenBudget(this.request.tokens ?? Infinity, (spent) => {
      this.metadata.tokens = spent;
    }));
  }

  get emit(): Emit {
    return this.#hosted.emit;
  }

  /** Nobody records it here: what it is for only runs. */
  span(): Span {
    return { within: (run) => run(), set: () => {}, end: () => {} };
  }

  progress(value: unknown): void {
    this.#hosted.progress(this.#key, value);
  }

  ask(question: string | Question, options?: AskOptions): Promise<string> {
    return this.#caller.ask(question, options);
  }

  /** What goes with the answer; undefined when nothing does. */
  get beside(): Left | undefined {
    const metadata = this.#metadata;
    const session = this.#session?.left;
    return metadata || session ? { metadata, session } : undefined;
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
