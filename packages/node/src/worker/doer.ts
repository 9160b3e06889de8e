import { MeshError } from "@shoal/mesh";
import type { Answer, Begin, Question } from "./protocol.ts";
import { errorFrom, thrownOf, uncloneable } from "./thrown.ts";

/** Work that can be done. */
export interface Doing {
  /** For messages: `agent.method`. */
  readonly what: string;
  /** Gives a value or a promise of it, or an iterable when chunks are asked for. */
  run(): unknown;
  /** What goes with the answer. */
  beside(): unknown;
  /** It has been done, well or badly. */
  ended?(): void;
}

interface Task extends Doing {
  readonly id: number;
  readonly controller: AbortController;
  chunks?: AnyIterator;
}

/** Does what the other thread's `Asker` asks for. */
export class Doer<W> {
  private readonly post: (answer: Answer) => void;
  private readonly doing: (begin: Begin<W>, signal: AbortSignal) => Doing;
  private readonly tasks = new Map<number, Task>();

  /** @param post throws what cannot be cloned */
  constructor(post: (answer: Answer) => void, doing: (begin: Begin<W>, signal: AbortSignal) => Doing) {
    this.post = post;
    this.doing = doing;
  }

  receive(question: Question<W>): void {
    if (question.type === "begin") return void this.begin(question);
    const task = this.tasks.get(question.id);
    if (!task) return;
    if (question.type === "abort") task.controller.abort(errorFrom(question.reason));
    else if (question.type === "next") void this.attempt(task, () => this.next(task));
    else void this.attempt(task, () => this.leave(task));
  }

  private async begin(begin: Begin<W>): Promise<void> {
    const { id, isStream } = begin;
    const controller = new AbortController();
    const task: Task = Object.assign(this.doing(begin, controller.signal), { id, controller });
    this.tasks.set(id, task);
    await this.attempt(task, async () => {
      const made = task.run();
      if (!isStream) return this.end(task, { type: "value", id, value: await made, beside: task.beside() });
      task.chunks = iteratorOf(made, task);
      return this.next(task);
    });
  }

  private async next(task: Task): Promise<void> {
    const { id, chunks } = task;
    const step = await chunks?.next();
    if (!step || step.done) return this.end(task, { type: "end", id, beside: task.beside() });
    try {
      this.post({ type: "chunk", id, value: step.value });
    } catch (error) {
      // Nobody will ask for more: its `finally` runs now.
      await chunks?.return?.();
      throw uncloneable(task.what, error);
    }
  }

  private async leave(task: Task): Promise<void> {
    await task.chunks?.return?.();
    this.end(task, { type: "end", id: task.id, beside: undefined });
  }

  private async attempt(task: Task, step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.end(task, { type: "failed", id: task.id, error: thrownOf(error) });
    }
  }

  private end(task: Task, answer: Answer): void {
    const { id } = task;
    this.tasks.delete(id);
    task.ended?.();
    try {
      this.post(answer);
    } catch (error) {
      this.post({ type: "failed", id, error: thrownOf(uncloneable(task.what, error)) });
    }
  }
}

interface AnyIterator {
  next(): Promise<IteratorResult<unknown>> | IteratorResult<unknown>;
  return?(): Promise<IteratorResult<unknown>> | IteratorResult<unknown>;
}

function iteratorOf(source: unknown, { what }: Doing): AnyIterator {
  if (typeof source === "object" && source !== null) {
    if (Symbol.asyncIterator in source) return (source as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    if (Symbol.iterator in source) return (source as Iterable<unknown>)[Symbol.iterator]();
  }
  throw new MeshError("internal", `${what} must return an iterable of chunks: write it as \`async *run\`.`);
}
