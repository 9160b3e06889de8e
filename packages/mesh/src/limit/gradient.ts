import { Climb } from "./climb.ts";
import { Latency } from "./latency.ts";
import type { Bounds, Ended, Limit } from "./limit.ts";

const SMOOTHING = 0.2;

/**
 * Two things at once. A brake, after Netflix's gradient: when calls take more than half as long again as usual, the limit
 * goes towards limit × clamp(1.5 × long / short, 0.5, 1), a fifth of the way in a round of calls. And a climb in place of
 * its fixed allowance of 4 calls that may queue: that is four times a limit of 1, is lost in one of 1,000, and creeps past
 * the knee of whatever does less when it is given more.
 */
export class Gradient implements Limit {
  private readonly latency: Latency;
  private readonly climb: Climb;

  /** @param targetMs calls that take longer are slow, however long they usually take */
  constructor(bounds: Bounds, start: number, targetMs: number = Infinity) {
    this.latency = new Latency(targetMs);
    this.climb = new Climb(bounds, start);
  }

  get value(): number {
    return this.climb.value;
  }

  record(call: Ended): void {
    const { value } = this;
    // Q4
    if (call.inFlight < value / 2) return;
    const cost = this.latency.costOf(call);
    const gradient = this.climb.isSettling ? 1 : this.latency.add(call, cost, value);
    // A call's share of a round: value × (1 - gradient) × smoothing / value.
    if (gradient < 1 && this.climb.brake(SMOOTHING * (1 - gradient))) return this.latency.forgive();
    const usualMs = this.climb.add(cost, call.inFlight);
    if (usualMs !== undefined) this.latency.accept(usualMs);
  }
}
