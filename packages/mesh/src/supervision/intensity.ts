/** How many restarts there may be in a while. More mean that restarting does not help. */
export class Intensity {
  readonly restarts: number;
  readonly withinMs: number;
  private times: number[] = [];

  constructor(restarts: number, withinMs: number) {
    this.restarts = restarts;
    this.withinMs = withinMs;
  }

  /** Notes a restart. False when it is one too many. */
  allows(now: number): boolean {
    this.times = this.times.filter((at) => now - at < this.withinMs);
    this.times.push(now);
    return this.times.length <= this.restarts;
  }

  reset(): void {
    this.times = [];
  }
}
