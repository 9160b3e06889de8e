import { MeshError } from "../errors.ts";
import { creditCost } from "../protocol/credit.ts";
import { type Frame, Kind } from "../protocol/frame.ts";
import { Pending } from "./pending.ts";
import type { Calls } from "./calls.ts";
import { type Request, targetOf } from "./request.ts";
import type { Suggestions } from "./suggestions.ts";

type Step = IteratorResult<unknown, undefined>;

interface Chunk {
  readonly value: unknown;
  /** What it takes of the window. */
  readonly cost: number;
}

interface Waiter {
  resolve: (step: Step) => void;
  reject: (error: unknown) => void;
}

/** Consumed chunks at the front of the queue that are let go together. */
const COMPACT_AT = 128;
const DONE: Step = { done: true, value: undefined };

/**
 * A call that ends in a stream of chunks.
 *
 * S1: chunks come in order, each once; a gap is an error, or is asked for again.
 * S2: what has arrived and is not consumed is bounded by the window.
 * S3: leaving early cancels the producer.
 */
export class StreamCall extends Pending implements AsyncIterator<unknown, undefined> {
  readonly takesStream = true;
  private readonly suggestions: Suggestions;
  private queue: Chunk[] = [];
  private head = 0;
  private expected: number;
  private failure: MeshError | undefined;
  private isOver = false;
  /** Readers that came before their chunks; most have one at a time. */
  private waiters: Waiter[] = [];

  constructor(calls: Calls, request: Request, suggestions: Suggestions) {
    super(calls, request);
    this.suggestions = suggestions;
    this.expected = request.from;
  }

  get from(): number {
    return this.request.isResumable ? this.expected : 0;
  }

  protected get delivered(): number {
    return this.expected - this.request.from;
  }

  next(): Promise<Step> {
    if (this.head < this.queue.length) return Promise.resolve(this.take());
    if (this.failure) {
      const { failure } = this;
      this.failure = undefined;
      return Promise.reject(failure);
    }
    if (this.isOver) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => this.waiters.push({ resolve, reject }));
  }

  return(): Promise<Step> {
    if (!this.hasEnded) {
      // S3
      this.abandon();
      this.end();
    }
    this.isOver = true;
    this.failure = undefined;
    this.queue = [];
    this.head = 0;
    this.serve();
    return Promise.resolve(DONE);
  }

  protected override onFrame(frame: Frame): void {
    if (frame.kind === Kind.result || frame.kind === Kind.part) return this.takeResult(frame);
    if (frame.kind !== Kind.chunk && frame.kind !== Kind.end) return;
    // S1
    if (frame.value !== this.expected) {
      if (this.asksAgain(frame.value, this.expected)) return;
      const { delivered } = this;
      throw new MeshError(
        "replica_lost",
        `a chunk of ${targetOf(this.request)} was lost: number ${frame.value} came where ${this.expected} was due.`,
        { ...this.where(), details: delivered > 0 ? { delivered } : undefined },
      );
    }
    if (frame.kind === Kind.end) return this.finish();
    this.expected++;
    const cost = creditCost(frame.bodyBytes.length);
    this.queue.push({ value: frame.body(), cost });
    this.unread += cost;
    this.calls.credit.used(this, cost);
    this.serve();
  }

  /** A method that gives one value, or a responder that speaks no frames: a stream of one. */
  protected override onValue(value: unknown): void {
    this.queue.push({ value, cost: 0 });
    this.finish();
  }

  protected override onError(error: MeshError): void {
    this.suggestions.explain(error, this.request, (explained) => this.break(explained));
  }

  private break(error: MeshError): void {
    // Its reader may have left meanwhile.
    if (this.isOver) return;
    const first = this.waiters.shift();
    this.isOver = true;
    if (first) first.reject(error);
    else this.failure = error;
    this.serve();
  }

  private finish(): void {
    this.end();
    this.tellServed();
    this.isOver = true;
    this.serve();
  }

  /** Gives readers what is there for them. */
  private serve(): void {
    while (this.waiters.length > 0) {
      if (this.head < this.queue.length) this.waiters.shift()?.resolve(this.take());
      else if (this.isOver) this.waiters.shift()?.resolve(DONE);
      else return;
    }
  }

  private take(): Step {
    const { value, cost } = this.queue[this.head++] as Chunk;
    if (this.head === this.queue.length || this.head === COMPACT_AT) {
      this.queue = this.queue.slice(this.head);
      this.head = 0;
    }
    this.unread -= cost;
    // S2
    if (!this.hasEnded) this.calls.credit.renew(this);
    return { done: false, value };
  }
}
