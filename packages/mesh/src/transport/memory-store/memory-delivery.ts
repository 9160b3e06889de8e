import type { Delivery, Queued } from "../store.ts";

/** A message that is in the queue. */
export interface Waiting extends Queued {
  deliveries: number;
  /** It is given to nobody before that. */
  notBefore: number;
}

/** What a worker may say of its message. */
interface Words {
  readonly done: () => void;
  readonly again: (afterMs: number) => void;
  readonly working: () => void;
}

/** A message as a worker gets it. */
export class MemoryDelivery implements Delivery {
  readonly subject: string;
  readonly payload: Uint8Array;
  readonly sequence: number;
  readonly queuedAt: number;
  readonly deliveries: number;
  private readonly waiting: Waiting;
  private readonly words: Words;

  constructor(waiting: Waiting, words: Words) {
    this.waiting = waiting;
    this.words = words;
    this.subject = waiting.subject;
    this.payload = waiting.payload;
    this.sequence = waiting.sequence;
    this.queuedAt = waiting.queuedAt;
    this.deliveries = waiting.deliveries;
  }

  header(name: string): string | undefined {
    return this.waiting.header(name);
  }

  ack(): void {
    this.words.done();
  }

  retry(afterMs: number): void {
    // Who was too slow has it no more.
    if (this.isMine) this.words.again(afterMs);
  }

  working(): void {
    if (this.isMine) this.words.working();
  }

  private get isMine(): boolean {
    return this.waiting.deliveries === this.deliveries;
  }
}
