/** The newest of what was put in, up to a number. */
export class Ring<T> {
  private readonly capacity: number;
  private readonly items: T[] = [];
  /** Where the next one goes. */
  private next = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get size(): number {
    return this.items.length;
  }

  push(item: T): void {
    this.items[this.next] = item;
    this.next = (this.next + 1) % this.capacity;
  }

  /** The newest first. */
  *[Symbol.iterator](): Generator<T> {
    const { size } = this;
    for (let back = 1; back <= size; back++) yield this.items[(this.next - back + size) % size] as T;
  }
}
