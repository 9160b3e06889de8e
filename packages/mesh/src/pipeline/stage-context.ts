import type { Batch, Items } from "../batch/options.ts";
import type {
  AgentHandle,
  CallBatchOptions,
  CallOptions,
  Caller,
  MeshStream,
  StreamOptions,
  UnaryMethod,
} from "../contract/caller.ts";
import type { Agent } from "../contract/agent.ts";
import type { Context, RequestInfo } from "../contract/context.ts";
import type { AskOptions, Question } from "../contract/question.ts";
import type { Contract, MethodContracts } from "../contract/contract.ts";
import type { MeshError } from "../errors.ts";
import type { Logger } from "../logger.ts";

/**
 * A stage function's second argument. Calls made through it inherit the request's deadline, trace and chain, and end with
 * the stage.
 */
export interface StageContext extends Caller {
  /** Fires when the caller gave up, the stage's time is up, or another stage beside it has failed. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** The request that the pipeline serves. */
  readonly request: RequestInfo;
  /** As a handler's `ctx.ask`: of the pipeline's caller. The question ends with the stage. */
  ask(question: string | Question, options?: AskOptions): Promise<string>;
  /** As a handler's `ctx.progress`: heard where the pipeline's work is a durable task. */
  progress(value: unknown): void;
  /** Where it is: `insight/summary`. */
  readonly stage: string;
  /** The item's place among those of `each`; undefined for a single one. */
  readonly index: number | undefined;
}

type Handle = Record<string, (input: unknown, options?: StreamOptions) => unknown>;

/** What a stage's function sees of the request. */
export class StageView implements StageContext {
  readonly signal: AbortSignal;
  readonly stage: string;
  readonly index: number | undefined;
  readonly #ctx: Context;

  constructor(ctx: Context, signal: AbortSignal, at: { stage: string; index: number | undefined }) {
    this.#ctx = ctx;
    this.signal = signal;
    this.stage = at.stage;
    this.index = at.index;
  }

  get log(): Logger {
    return this.#ctx.log;
  }

  get request(): RequestInfo {
    return this.#ctx.request;
  }

  progress(value: unknown): void {
    this.#ctx.progress(value);
  }

  ask(question: string | Question, options?: AskOptions): Promise<string> {
    return this.#ctx.ask(question, this.#until(options));
  }

  agent<M extends MethodContracts>(agent: Contract<M> | Agent<M>): AgentHandle<M> {
    const handle = Object.entries(this.#ctx.agent(agent) as unknown as Handle);
    const bound = handle.map(([name, ask]) => [
      name,
      (input: unknown, options?: StreamOptions) => ask(input, this.#until(options)),
    ]);
    return Object.fromEntries(bound) as AgentHandle<M>;
  }

  call(target: string, input?: unknown, options?: CallOptions): Promise<unknown> {
    return this.#ctx.call(target, input, this.#until(options));
  }

  stream(target: string, input?: unknown, options?: StreamOptions): MeshStream<unknown> {
    return this.#ctx.stream(target, input, this.#until(options));
  }

  batch<I, O>(
    target: string | UnaryMethod<I, O>,
    items: Items<I>,
    options?: CallBatchOptions<I>,
  ): Batch<I, O, MeshError> {
    return this.#ctx.batch(target as UnaryMethod<I, O>, items, this.#until(options));
  }

  /** The same options, and the stage's own end. */
  #until<T extends { signal?: AbortSignal | undefined }>(options: T | undefined): T {
    const { signal } = this;
    if (signal === this.#ctx.signal) return options ?? ({} as T);
    const given = options?.signal;
    return { ...(options as T), signal: given ? AbortSignal.any([given, signal]) : signal };
  }
}
