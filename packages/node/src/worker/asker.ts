import type { Answer, Question } from "./protocol.ts";
import { errorFrom, thrownOf, uncloneable } from "./thrown.ts";

export interface Asking<W> {
  readonly work: W;
  /** What is asked for, for messages: `agent.method`. */
  readonly what: string;
  readonly signal: AbortSignal | undefined;
  /** Told what goes with the answer, just before that. */
  readonly onBeside: (beside: unknown) => void;
}

/**
 * Has the other thread do work, and waits for what comes of it.
 *
 * B1: work has ended when the other thread says so, not when its signal has fired: a handler that is told to stop has
 * not stopped yet.
 * B2: chunks are asked for one by one, and a reader that leaves waits until the generator's `finally` has run.
 */
export class Asker<W> {
  private readonly post: (question: Question<W>) => void;
  private readonly waiting = new Map<number, { what: string; answer: PromiseWithResolvers<Answer> }>();
  private serial = 0;
  /** Why nothing is answered any more. */
  private failure: ((what: string) => Error) | undefined;

  /** @param post throws what cannot be cloned */
  constructor(post: (question: Question<W>) => void) {
    this.post = post;
  }

  async value(asking: Asking<W>): Promise<unknown> {
    const { work, what } = asking;
    const id = ++this.serial;
    const deafen = this.heed(id, asking);
    try {
      const answer = await this.ask({ type: "begin", id, isStream: false, work }, what);
      if (answer.type !== "value") throw new Error(`${what} was answered by ${answer.type}`);
      asking.onBeside(answer.beside);
      return answer.value;
    } finally {
      deafen();
    }
  }

  async *chunks(asking: Asking<W>): AsyncGenerator<unknown, void> {
    const { work, what } = asking;
    const id = ++this.serial;
    const deafen = this.heed(id, asking);
    let answer: Answer | undefined;
    try {
      let question: Question<W> = { type: "begin", id, isStream: true, work };
      for (;;) {
        answer = undefined;
        answer = await this.ask(question, what);
        if (answer.type !== "chunk") break;
        yield answer.value;
        question = { type: "next", id };
      }
      if (answer.type === "end") asking.onBeside(answer.beside);
    } finally {
      try {
        // B2
        if (answer?.type === "chunk") await this.ask({ type: "leave", id }, what);
      } finally {
        deafen();
      }
    }
  }

  receive(answer: Answer): void {
    const asked = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if (answer.type === "failed") asked?.answer.reject(errorFrom(answer.error));
    else asked?.answer.resolve(answer);
  }

  /** The other thread answers nothing more. */
  fail(failure: (what: string) => Error): void {
    this.failure = failure;
    for (const { what, answer } of this.waiting.values()) answer.reject(failure(what));
    this.waiting.clear();
  }

  private ask(question: Question<W>, what: string): Promise<Answer> {
    const answer = Promise.withResolvers<Answer>();
    if (this.failure) {
      answer.reject(this.failure(what));
      return answer.promise;
    }
    this.waiting.set(question.id, { what, answer });
    try {
      this.post(question);
    } catch (error) {
      this.waiting.delete(question.id);
      answer.reject(uncloneable(what, error));
    }
    return answer.promise;
  }

  /** Passes the signal on. B1: that is all it does. */
  private heed(id: number, { signal }: Asking<W>): () => void {
    const abort = (): void => this.post({ type: "abort", id, reason: thrownOf(signal?.reason) });
    // The work must have begun before it can be given up.
    if (signal?.aborted) queueMicrotask(abort);
    else signal?.addEventListener("abort", abort);
    return () => signal?.removeEventListener("abort", abort);
  }
}
