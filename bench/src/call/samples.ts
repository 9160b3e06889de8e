const INITIAL = 1 << 16;

/** Numbers in a typed array that doubles: a million of them cost the garbage collector nothing. */
export class Samples {
  #items = new Float64Array(INITIAL);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#items.length) {
      const larger = new Float64Array(this.#items.length * 2);
      larger.set(this.#items);
      this.#items = larger;
    }
    this.#items[this.#length++] = value;
  }

  /** A copy of what was collected, in order. */
  values(): Float64Array {
    return this.#items.slice(0, this.#length);
  }
}
