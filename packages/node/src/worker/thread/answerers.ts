import type { OnAsk } from "@shoal/mesh";
import type { Doing } from "../doer.ts";
import type { Asked } from "../protocol.ts";

/** The `onAsk`s of calls that handlers of this thread make: the main thread, which makes the calls, knows their numbers. */
export class Answerers {
  private readonly all = new Map<number, OnAsk>();
  private serial = 0;

  /** @returns its number */
  add(onAsk: OnAsk): number {
    this.all.set(++this.serial, onAsk);
    return this.serial;
  }

  /** Its call has ended. */
  remove(number: number | undefined): void {
    if (number !== undefined) this.all.delete(number);
  }

  answering({ onAsk, question, timeoutMs }: Asked, signal: AbortSignal): Doing {
    return {
      what: "the answer to a question",
      run: () => this.all.get(onAsk)?.(question, { timeoutMs, signal }),
      beside: () => undefined,
    };
  }
}
