import type { Settled } from "./options.ts";

/** Results that wait for the reader. */
export interface Outbox<I, O> {
  put(result: Settled<I, O>): void;
  /** The next one that the reader may have. */
  take(): Settled<I, O> | undefined;
}

/** In the order of the items. */
export class InOrder<I, O> implements Outbox<I, O> {
  private readonly waiting = new Map<number, Settled<I, O>>();
  private next = 0;

  put(result: Settled<I, O>): void {
    this.waiting.set(result.index, result);
  }

  take(): Settled<I, O> | undefined {
    const result = this.waiting.get(this.next);
    if (result) this.waiting.delete(this.next++);
    return result;
  }
}

/** In the order in which they came. */
export class AsTheyCome<I, O> implements Outbox<I, O> {
  private readonly waiting = new Set<Settled<I, O>>();

  put(result: Settled<I, O>): void {
    this.waiting.add(result);
  }

  take(): Settled<I, O> | undefined {
    for (const result of this.waiting) {
      this.waiting.delete(result);
      return result;
    }
    return undefined;
  }
}
