/**
 * The places of a model: so many answers are generated at once, and others wait.
 *
 * LO1: never more at once than there are places; who waits is served in order.
 * LO2: who gives up while waiting leaves the line at once; who gives up at work frees its place when the work has ended.
 */
export class Places<P> {
  private readonly free: Set<P>;
  private readonly line = new Set<(place: P) => void>();

  constructor(places: readonly P[]) {
    this.free = new Set(places);
  }

  /** How many wait. */
  get waiting(): number {
    return this.line.size;
  }

  /**
   * @param worth of a free place for this work: the one with the most is taken
   * @throws the signal's reason, when that comes before a place is free
   */
  async use<T>(worth: (place: P) => number, signal: AbortSignal, work: (place: P) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const place = this.take(worth) ?? (await this.turn(signal));
    try {
      return await work(place);
    } finally {
      this.release(place);
    }
  }

  private take(worth: (place: P) => number): P | undefined {
    const [first, ...others] = this.free;
    if (first === undefined) return undefined;
    const place = others.reduce((most, each) => (worth(each) > worth(most) ? each : most), first);
    this.free.delete(place);
    return place;
  }

  private turn(signal: AbortSignal): Promise<P> {
    return new Promise((resolve, reject) => {
      const given = (place: P): void => {
        signal.removeEventListener("abort", leave);
        resolve(place);
      };
      // LO2
      const leave = (): void => {
        this.line.delete(given);
        reject(signal.reason as Error);
      };
      signal.addEventListener("abort", leave, { once: true });
      this.line.add(given);
    });
  }

  /** LO1: it goes from hand to hand, so that nobody who comes now is before those who wait. */
  private release(place: P): void {
    const [next] = this.line;
    if (!next) {
      this.free.add(place);
      return;
    }
    this.line.delete(next);
    next(place);
  }
}
