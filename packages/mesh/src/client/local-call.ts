import type { Actor } from "../actor/actor.ts";
import { GatheredChunks } from "../actor/gathered-chunks.ts";
import type { ChunkSink, Inbound, Work } from "../actor/inbound.ts";
import type { Job } from "../actor/job.ts";
import type { Asking, Question } from "../contract/question.ts";
import { MeshError } from "../errors.ts";
import { type PlainShape, decodePlain } from "../protocol/plain.ts";
import type { Priority } from "../protocol/priority.ts";
import { newStranger, requestIdText, strangerId } from "../protocol/request-id.ts";
import type { Trace } from "../protocol/trace.ts";
import { answerOf } from "./answer-of.ts";
import { type Request, targetOf, tellServed } from "./request.ts";

const NO_CHAIN: readonly string[] = [];

/** A call to an actor in this process: the same mailbox, checks and deadline, and no bytes. */
export class LocalCall implements Inbound {
  readonly remainingMs: number;
  readonly attempt = 1;
  readonly from = 0;
  readonly isLocal = true;
  readonly sender = "local";
  private readonly request: Request;
  private readonly resolve: (value: unknown) => void;
  private readonly reject: (error: MeshError) => void;
  private job: Job | undefined;
  private replica: string | undefined;
  private number: number | undefined;
  private requestId: string | undefined;

  constructor(
    request: Request,
    remainingMs: number,
    resolve: (value: unknown) => void,
    reject: (error: MeshError) => void,
  ) {
    this.request = request;
    this.remainingMs = remainingMs;
    this.resolve = resolve;
    this.reject = reject;
  }

  begin(actor: Actor): void {
    const { signal, method } = this.request;
    this.replica = actor.replica;
    if (signal?.aborted) return this.onAbort();
    this.request.onHeld?.(actor.replica);
    this.job = actor.offer(method, this);
    if (!signal || !this.job || this.job.ended) return;
    // The handler has begun, and may itself be what gave up.
    if (signal.aborted) this.onAbort();
    else signal.addEventListener("abort", this.onAbort);
  }

  get id(): string {
    return (this.requestId ??= requestIdText(strangerId((this.number ??= newStranger()))));
  }

  get lot(): number | undefined {
    return this.trace ? undefined : (this.number ??= newStranger());
  }

  get chain(): readonly string[] {
    return this.request.chain ?? NO_CHAIN;
  }

  get idempotencyKey(): string | undefined {
    return this.request.idempotencyKey;
  }

  get trace(): Trace | undefined {
    return this.request.trace;
  }

  get retries(): number | undefined {
    return this.request.retries;
  }

  get undegraded(): boolean {
    return this.request.undegraded;
  }

  get session(): string | undefined {
    return this.request.session;
  }

  get tokens(): number | undefined {
    return this.request.tokens;
  }

  get priority(): Priority {
    return this.request.priority;
  }

  input(shape: () => PlainShape): unknown {
    const { input, typed } = this.request;
    return typed ? decodePlain(Buffer.from(String(input)), shape()) : input;
  }

  get isAskable(): boolean {
    return this.request.onAsk !== undefined;
  }

  async ask(question: Question, asking: Asking): Promise<string> {
    const { onAsk } = this.request;
    if (onAsk) return answerOf(onAsk, question, asking);
    throw new MeshError("unavailable", "nobody answers questions here.");
  }

  accepted(): void {}

  result(value: unknown, { metadata }: Work): undefined {
    const { request, replica, attempt } = this;
    if (request.onServed || request.budget) tellServed(request, { replica, attempt, metadata, id: this.id });
    request.span?.end(undefined, { attempt, replica, id: this.id });
    this.resolve(value);
  }

  openStream(work: Work): ChunkSink {
    return new GatheredChunks((value) => this.result(value, work));
  }

  error(error: MeshError, hasBegun: boolean): void {
    const { agent, method } = this.request;
    const { code, message, retryable, retryAfterS, details, cause } = error;
    const { attempt, replica, id } = this;
    const where = { agent, method, attempt, replica, request: id };
    const failure = new MeshError(code, message, {
      retryable,
      retryAfterS,
      hasBegun,
      details,
      cause,
      ...where,
    });
    this.reject(failure);
  }

  closed(): void {
    this.request.signal?.removeEventListener("abort", this.onAbort);
  }

  private readonly onAbort = (): void => {
    const error = new MeshError("cancelled", `the caller gave up on ${targetOf(this.request)}.`, {
      cause: this.request.signal?.reason,
    });
    if (this.job) this.job.cancel(error);
    else this.error(error, false);
  };
}
