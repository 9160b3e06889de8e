import { type Bounds, type Ended, type Limit, bounded } from "./limit.ts";

const CUT = 0.9;

/**
 * Additive increase, multiplicative decrease (Chiu and Jain, 1989): it grows until calls fail, or take longer than a
 * target, and then gives a tenth back. Before the first such call each one adds 1, which doubles the limit in one round
 * trip; after it, each adds its share of 1.
 */
export class Aimd implements Limit {
  value: number;
  private readonly bounds: Bounds;
  private readonly targetMs: number;
  private cutAt = -Infinity;

  /** @param targetMs a call that takes longer counts as one that has failed; without it none does */
  constructor(bounds: Bounds, start: number, targetMs: number = Infinity) {
    this.bounds = bounds;
    this.value = start;
    this.targetMs = targetMs;
  }

  record({ startedAt, endedAt, inFlight, isDrop }: Ended): void {
    if (isDrop || endedAt - startedAt > this.targetMs) {
      // Q3: what was begun before a cut says nothing of the limit after it.
      if (startedAt < this.cutAt) return;
      this.cutAt = endedAt;
      this.value = bounded(this.bounds, this.value * CUT);
    } else if (
      // Q4
      2 * inFlight >=
      this.value
    ) {
      this.value = bounded(this.bounds, this.value + (this.cutAt === -Infinity ? 1 : 1 / this.value));
    }
  }
}
