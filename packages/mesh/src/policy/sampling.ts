import { CircuitState, type IBreaker } from "cockatiel";
import type { Clock } from "../clock.ts";

const SLICES = 10;

interface Slice {
  readonly from: number;
  attempts: number;
  failures: number;
}

/**
 * Opens a breaker when too large a share of the attempts in a window has failed. Cockatiel's own sampling moves its
 * window by attempts and not by time, so that at a low rate yesterday's failures would count.
 */
export class Sampling implements IBreaker {
  state: unknown;
  private readonly clock: Clock;
  private readonly errorRate: number;
  private readonly minimum: number;
  private readonly windowMs: number;
  private slices: Slice[] = [];

  constructor(
    clock: Clock,
    { errorRate, minimum, windowMs }: { errorRate: number; minimum: number; windowMs: number },
  ) {
    this.clock = clock;
    this.errorRate = errorRate;
    this.minimum = minimum;
    this.windowMs = windowMs;
  }

  success(state: CircuitState): void {
    if (state === CircuitState.HalfOpen) this.slices = [];
    this.slice().attempts++;
  }

  /** True when the breaker should open. */
  failure(state: CircuitState): boolean {
    const slice = this.slice();
    slice.attempts++;
    slice.failures++;
    if (state !== CircuitState.Closed) return true;
    const { attempts, failures } = this.counts;
    return attempts >= this.minimum && failures >= this.errorRate * attempts;
  }

  /** The latest success is none, after all. */
  takeBack(): void {
    const slice = this.slice();
    if (slice.attempts > slice.failures) slice.attempts--;
  }

  /** What the window holds now. */
  get counts(): { attempts: number; failures: number } {
    this.forget();
    let attempts = 0;
    let failures = 0;
    for (const slice of this.slices) {
      attempts += slice.attempts;
      failures += slice.failures;
    }
    return { attempts, failures };
  }

  private slice(): Slice {
    this.forget();
    const now = this.clock.now();
    const last = this.slices.at(-1);
    if (last && now - last.from < this.windowMs / SLICES) return last;
    const slice = { from: now, attempts: 0, failures: 0 };
    this.slices.push(slice);
    return slice;
  }

  private forget(): void {
    const before = this.clock.now() - this.windowMs;
    if (this.slices[0] && this.slices[0].from <= before)
      this.slices = this.slices.filter(({ from }) => from > before);
  }
}
