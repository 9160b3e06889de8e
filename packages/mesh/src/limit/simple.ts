import { type Bounds, type Ended, type Limit, bounded } from "./limit.ts";

const DEFAULT_TARGET_MS = 500;
/** A call that takes this many targets is slow: 2 s unless a target is given. */
const SLOW = 4;

/**
 * One more while calls are quick, one fewer while they are slow or fail. A step takes as many calls as the limit, each of
 * which moves it by its share.
 */
export class Simple implements Limit {
  value: number;
  private readonly bounds: Bounds;
  private readonly targetMs: number;

  constructor(bounds: Bounds, start: number, targetMs: number = DEFAULT_TARGET_MS) {
    this.bounds = bounds;
    this.value = start;
    this.targetMs = targetMs;
  }

  record({ startedAt, endedAt, inFlight, isDrop }: Ended): void {
    const tookMs = endedAt - startedAt;
    if (isDrop || tookMs > SLOW * this.targetMs) this.move(-1);
    // Q4
    else if (tookMs < this.targetMs && 2 * inFlight >= this.value) this.move(1);
  }

  private move(by: 1 | -1): void {
    this.value = bounded(this.bounds, this.value + by / this.value);
  }
}
