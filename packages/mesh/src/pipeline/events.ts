import type { ErrorCode } from "../errors.ts";

/** What happens to an item on its way, as `watch` gives it. */
export type PipelineEvent =
  | { readonly event: "started"; readonly stage: string }
  | { readonly event: "done"; readonly stage: string; readonly tookMs: number }
  /** Of a `map`: elements that have ended, and how many there are, when that is known. */
  | { readonly event: "progress"; readonly stage: string; readonly done: number; readonly total?: number }
  | {
      readonly event: "failed";
      readonly stage: string;
      readonly code: ErrorCode;
      readonly message: string;
      /** What is done about it. */
      readonly next: "stop" | "skip" | "continue" | "answer" | "fallback";
    };

/** The same, and what came of it at last. */
export type Watched<O> = PipelineEvent | { readonly event: "result"; readonly value: O };

/** Events that wait to be read. Of a `map` only the latest progress is kept: a slow reader costs no more memory. */
export class EventQueue {
  private readonly waiting: PipelineEvent[] = [];
  private wake: (() => void) | undefined;
  private isOver = false;

  readonly tell = (event: PipelineEvent): void => {
    const last = this.waiting.at(-1);
    const isNewer = event.event === "progress" && last?.event === "progress" && last.stage === event.stage;
    if (isNewer) this.waiting[this.waiting.length - 1] = event;
    else this.waiting.push(event);
    this.wake?.();
  };

  /** No more will come. */
  readonly end = (): void => {
    this.isOver = true;
    this.wake?.();
  };

  async *[Symbol.asyncIterator](): AsyncGenerator<PipelineEvent> {
    for (;;) {
      const event = this.waiting.shift();
      if (event) yield event;
      else if (this.isOver) return;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}
