import { MeshError } from "../errors.ts";
import { DEFAULT_WINDOW, creditCost } from "../protocol/credit.ts";
import { type Frame, Kind } from "../protocol/frame.ts";
import type { Calls } from "./calls.ts";
import { Pending } from "./pending.ts";
import type { Request } from "./request.ts";
import { targetOf } from "./request.ts";

type Step = IteratorResult<unknown, undefined>;
type Chunk = Pick<Frame, "bodyBytes" | "body">;

/** Consumed chunks at the front of the queue that are let go together. */
const COMPACT_AT = 128;
const DONE: Step = { done: true, value: undefined };

/**
 * A call that ends in a stream of chunks.
 *
 * S1: chunks come in order, each once; a gap is an error.
 * S2: what has arrived and is not consumed is bounded by the window.
 * S3: leaving early cancels the producer.
 */
export class StreamCall extends Pending implements AsyncIterator<unknown, undefined> {
  readonly takesStream = true;
  private readonly grantAt: number;
  private queue: Chunk[] = [];
  private head = 0;
  private expected = 0;
  private consumed = 0;
  private failure: MeshError | undefined;
  private isOver = false;
  private waiter: { resolve: (step: Step) => void; reject: (error: unknown) => void } | undefined;

  constructor(calls: Calls, request: Request) {
    super(calls, request);
    this.grantAt = Math.max(1, (request.window ?? DEFAULT_WINDOW) >> 1);
  }

  next(): Promise<Step> {
    if (this.head < this.queue.length) {
      try {
        return Promise.resolve(this.take());
      } catch (error) {
        return Promise.reject(error);
      }
    }
    if (this.failure) {
      const { failure } = this;
      this.failure = undefined;
      return Promise.reject(failure);
    }
    if (this.isOver) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => (this.waiter = { resolve, reject }));
  }

  return(): Promise<Step> {
    if (!this.ended) {
      this.abandon();
      this.end();
    }
    this.isOver = true;
    this.queue = [];
    this.head = 0;
    this.waiter?.resolve(DONE);
    return Promise.resolve(DONE);
  }

  protected override onFrame(frame: Frame): void {
    if (frame.kind === Kind.result || frame.kind === Kind.part) return this.takeResult(frame);
    if (frame.kind !== Kind.chunk && frame.kind !== Kind.end) return;
    if (frame.value !== this.expected) {
      this.abandon();
      return this.fail(
        new MeshError(
          "internal",
          `a chunk of ${targetOf(this.request)} was lost: number ${frame.value} came where ${this.expected} was due.`,
          this.where(),
        ),
      );
    }
    if (frame.kind === Kind.end) return this.finish();
    this.expected++;
    this.queue.push(frame);
    this.serve();
  }

  /** A method that gives one value, or a responder that speaks no frames: a stream of one. */
  protected override onValue(value: unknown): void {
    this.queue.push({ bodyBytes: new Uint8Array(0), body: () => value });
    this.finish();
  }

  protected override onError(error: MeshError): void {
    const { waiter } = this;
    this.waiter = undefined;
    this.isOver = true;
    if (waiter) waiter.reject(error);
    else this.failure = error;
  }

  private finish(): void {
    this.end();
    this.isOver = true;
    this.serve();
  }

  private serve(): void {
    const { waiter } = this;
    if (!waiter) return;
    if (this.head < this.queue.length) {
      this.waiter = undefined;
      try {
        waiter.resolve(this.take());
      } catch (error) {
        waiter.reject(error);
      }
    } else if (this.isOver) {
      this.waiter = undefined;
      waiter.resolve(DONE);
    }
  }

  private take(): Step {
    const chunk = this.queue[this.head++] as Chunk;
    if (this.head === this.queue.length || this.head === COMPACT_AT) {
      this.queue = this.queue.slice(this.head);
      this.head = 0;
    }
    this.consumed += creditCost(chunk.bodyBytes.length);
    if (this.consumed >= this.grantAt && !this.ended) {
      this.tell(Kind.credit, this.consumed);
      this.consumed = 0;
    }
    return { done: false, value: chunk.body() };
  }
}
