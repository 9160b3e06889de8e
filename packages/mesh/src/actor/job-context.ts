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
import type { MeshError } from "../errors.ts";
import type { Agent } from "../contract/agent.ts";
import type { Contract, MethodContracts } from "../contract/contract.ts";
import type { Session } from "../contract/session.ts";
import type { Span, SpanOptions } from "../contract/span.ts";
import type { TokenBudget } from "../contract/token-budget.ts";
import type { Context, Emit, KeptAnswer, RequestInfo } from "../contract/context.ts";
import type { AskOptions, Question } from "../contract/question.ts";
import type { Logger } from "../logger.ts";
import type { ReplyMetadata } from "../protocol/metadata.ts";
import { type Trace, derivedTrace, spanOf } from "../protocol/trace.ts";
import { HandlerSpan } from "../tracing/handler-span.ts";
import type { Job } from "./job.ts";
import { patienceOf, questionOf } from "./questions.ts";
import { noSession } from "./refusals.ts";

/** What a handler sees of its job. Everything that costs is made when it is first asked for. */
export class JobContext implements Context {
  readonly #job: Job;
  #log: Logger | undefined;
  #caller: Caller | undefined;

  constructor(job: Job) {
    this.#job = job;
  }

  get state(): unknown {
    return this.#job.life.state;
  }

  set state(state: unknown) {
    this.#job.life.state = state;
  }

  get signal(): AbortSignal {
    return this.#job.signal;
  }

  get log(): Logger {
    const { actor, method, inbound } = this.#job;
    this.#log ??= actor.log.child({
      method: method.name,
      request: inbound.id,
      trace: traceOf(this.#job).traceId,
    });
    return this.#log;
  }

  get request(): RequestInfo {
    const job = this.#job;
    const { actor, method, inbound } = job;
    return {
      id: inbound.id,
      agent: actor.name,
      method: method.name,
      replica: actor.replica,
      attempt: inbound.attempt,
      idempotencyKey: inbound.idempotencyKey ?? inbound.id,
      chain: inbound.chain,
      trace: traceOf(job),
      retries: inbound.retries,
      undegraded: inbound.undegraded,
      askable: inbound.isAskable ?? false,
      priority: inbound.priority,
      from: inbound.from,
      session: job.turn?.id,
      tokens: inbound.tokens,
      get remainingMs() {
        return job.remainingMs;
      },
    };
  }

  get metadata(): ReplyMetadata {
    return (this.#job.metadata ??= {});
  }

  get tokens(): TokenBudget {
    return this.#job.tokens;
  }

  get session(): Session {
    const { turn, method, actor } = this.#job;
    if (turn) return turn;
    throw noSession(method.target, actor.sessions !== undefined);
  }

  progress(value: unknown): void {
    this.#job.inbound.progress?.(value);
  }

  ask(question: string | Question, options: AskOptions = {}): Promise<string> {
    const answer = this.#ask(question, options);
    // A handler may leave with its request, and its question behind: that is no fault of the process.
    answer.catch(() => {});
    return answer;
  }

  async #ask(question: string | Question, options: AskOptions): Promise<string> {
    const { questions, method, actor } = this.#job;
    const { target } = method;
    const asked = questionOf(question, actor.name, target);
    return questions.ask(asked, { ...options, timeoutMs: patienceOf(options, target) });
  }

  get kept(): KeptAnswer | undefined {
    return this.#job.inbound.kept?.();
  }

  span(name: string, options?: SpanOptions): Span {
    const { actor, trace } = this.#job;
    const { wall, spans, journal } = actor;
    return new HandlerSpan({ wall, spans, journal, trace }, name, options);
  }

  get emit(): Emit {
    return this.#job.actor.emit;
  }

  agent<M extends MethodContracts>(agent: Contract<M> | Agent<M>): AgentHandle<M> {
    return this.caller.agent(agent);
  }

  call(target: string, input?: unknown, options?: CallOptions): Promise<unknown> {
    return this.caller.call(target, input, options);
  }

  stream(target: string, input?: unknown, options?: StreamOptions): MeshStream<unknown> {
    return this.caller.stream(target, input, options);
  }

  batch<I, O>(
    target: string | UnaryMethod<I, O>,
    items: Items<I>,
    options?: CallBatchOptions<I>,
  ): Batch<I, O, MeshError> {
    // Two overloads that take either.
    return this.caller.batch(target as UnaryMethod<I, O>, items, options);
  }

  private get caller(): Caller {
    return (this.#caller ??= this.#job.actor.callerFor(this.#job));
  }
}

/**
 * The trace that a job belongs to, with its own span, which is the caller's of what it calls. A request that came without
 * one is the root of its own.
 */
export function traceOf(job: Job): Trace {
  if (job.span) return job.span.trace;
  const { trace, id } = job.inbound;
  if (!trace) return derivedTrace(id);
  // Its caller's span has been recorded: what it leads to belongs there, where none is recorded here.
  return trace.sampled && !trace.derived ? trace : { ...trace, spanId: spanOf(id) };
}
