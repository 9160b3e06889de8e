/** A mean, and how far it may be off (Welford's method). */
export class Mean {
  count = 0;
  value = 0;
  private squares = 0;

  add(sample: number): void {
    this.count++;
    const off = sample - this.value;
    this.value += off / this.count;
    this.squares += off * (sample - this.value);
  }

  /** Its standard error as a share of it; infinite before the second sample. */
  get error(): number {
    if (this.count < 2) return Infinity;
    return Math.sqrt(this.squares / (this.count - 1) / this.count) / this.value;
  }
}
