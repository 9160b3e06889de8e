/** Links of the queue, kept in the item itself so that nothing is allocated. Owned by the mailbox. */
export interface Queueable {
  ahead: this | undefined;
  behind: this | undefined;
}

/**
 * A bounded FIFO that an item may leave from anywhere.
 *
 * M1: items leave by `shift` in the order in which they came.
 * M2: it never holds more than `capacity` items.
 * M3: a removed item is never shifted.
 */
export class Mailbox<T extends Queueable> {
  readonly capacity: number;
  private count = 0;
  private first: T | undefined;
  private last: T | undefined;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get size(): number {
    return this.count;
  }

  /** False when it is full. */
  push(item: T): boolean {
    if (this.count >= this.capacity) return false;
    item.ahead = this.last;
    item.behind = undefined;
    if (this.last) this.last.behind = item;
    else this.first = item;
    this.last = item;
    this.count++;
    return true;
  }

  shift(): T | undefined {
    const item = this.first;
    if (item) this.remove(item);
    return item;
  }

  remove(item: T): void {
    if (item !== this.first && item.ahead === undefined) return;
    if (item.ahead) item.ahead.behind = item.behind;
    else this.first = item.behind;
    if (item.behind) item.behind.ahead = item.ahead;
    else this.last = item.ahead;
    item.ahead = undefined;
    item.behind = undefined;
    this.count--;
  }
}
