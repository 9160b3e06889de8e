/** Links of the queue, kept in the item itself so that nothing is allocated. Owned by the mailbox. */
export interface Queueable {
  ahead: this | undefined;
  behind: this | undefined;
  /** What it takes of memory while it waits. */
  readonly bytes: number;
}

/**
 * A FIFO bounded by count and by bytes that an item may leave from anywhere.
 *
 * M1: items leave by `shift` in the order in which they came.
 * M2: it never holds more than `capacity` items, nor more than `capacityBytes`.
 * M3: a removed item is never shifted.
 */
export class Mailbox<T extends Queueable> {
  readonly capacity: number;
  readonly capacityBytes: number;
  private count = 0;
  private held = 0;
  private first: T | undefined;
  private last: T | undefined;

  constructor(capacity: number, capacityBytes: number) {
    this.capacity = capacity;
    this.capacityBytes = capacityBytes;
  }

  get size(): number {
    return this.count;
  }

  get bytes(): number {
    return this.held;
  }

  /** The one that has waited longest. */
  get head(): T | undefined {
    return this.first;
  }

  /** From the first to the last. */
  *[Symbol.iterator](): Generator<T> {
    for (let item = this.first; item; item = item.behind) yield item;
  }

  /**
   * False when it is full, or when this item's bytes do not fit beside the others'.
   * @param isOwed it has been promised a place: there are never many of them
   */
  push(item: T, isOwed = false): boolean {
    // M2
    if (isOwed) return this.append(item);
    if (this.count >= this.capacity || this.held + item.bytes > this.capacityBytes) return false;
    return this.append(item);
  }

  private append(item: T): true {
    // M1: behind all that are there.
    item.ahead = this.last;
    item.behind = undefined;
    if (this.last) this.last.behind = item;
    else this.first = item;
    this.last = item;
    this.count++;
    this.held += item.bytes;
    return true;
  }

  shift(): T | undefined {
    // M1
    const item = this.first;
    if (item) this.remove(item);
    return item;
  }

  remove(item: T): void {
    if (item !== this.first && item.ahead === undefined) return;
    // M3: nothing leads to it any more.
    if (item.ahead) item.ahead.behind = item.behind;
    else this.first = item.behind;
    if (item.behind) item.behind.ahead = item.ahead;
    else this.last = item.ahead;
    item.ahead = undefined;
    item.behind = undefined;
    this.count--;
    this.held -= item.bytes;
  }
}
