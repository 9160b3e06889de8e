import type { Clock } from "../clock.ts";

/** One member's view of a clock: tells which of its timers have not fired, and stops for good with its process. */
export class MemberClock implements Clock {
  private readonly clock: Clock;
  private readonly timers = new Set<() => void>();
  private isStopped = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Timers that have not fired. */
  get armed(): number {
    return this.timers.size;
  }

  now(): number {
    return this.clock.now();
  }

  cpu(): number {
    return this.clock.cpu();
  }

  after(delayMs: number, fire: () => void): () => void {
    if (this.isStopped) return () => {};
    const cancel = (): void => {
      this.timers.delete(cancel);
      stop();
    };
    const stop = this.clock.after(delayMs, () => {
      this.timers.delete(cancel);
      fire();
    });
    this.timers.add(cancel);
    return cancel;
  }

  /** Cancels what waits; nothing is set any more. */
  stop(): void {
    this.isStopped = true;
    for (const cancel of this.timers) cancel();
  }
}
