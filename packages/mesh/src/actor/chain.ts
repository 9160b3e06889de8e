/** Links of a chain, kept in the item itself so that nothing is allocated for it. Owned by the chain. */
export interface Linked {
  before: this | undefined;
  after: this | undefined;
}

/** Items in the order in which they joined. One may leave from anywhere, in the same short time. */
export class Chain<T extends Linked> {
  first: T | undefined;
  last: T | undefined;

  /** Behind all that are there. */
  join(item: T): void {
    item.before = this.last;
    item.after = undefined;
    if (this.last) this.last.after = item;
    else this.first = item;
    this.last = item;
  }

  leave(item: T): void {
    if (item.before) item.before.after = item.after;
    else this.first = item.after;
    if (item.after) item.after.before = item.before;
    else this.last = item.before;
    item.before = undefined;
    item.after = undefined;
  }

  /** From the first to the last. */
  *[Symbol.iterator](): Generator<T> {
    for (let item = this.first; item; item = item.after) yield item;
  }
}
