import type { Clock } from "../../src/clock.ts";

interface Timer {
  dueAt: number;
  fire: () => void;
}

/** Time that passes only when a test says so. */
export class ManualClock implements Clock {
  private time: number;
  private timers: Timer[] = [];

  constructor(startAt = 1_000) {
    this.time = startAt;
  }

  /** Timers that have not fired. */
  get armed(): number {
    return this.timers.length;
  }

  now(): number {
    return this.time;
  }

  /** It computes all the time. */
  cpu(): number {
    return this.time;
  }

  after(delayMs: number, fire: () => void): () => void {
    const timer: Timer = { dueAt: this.time + Math.max(0, delayMs), fire };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((each) => each !== timer);
    };
  }

  /** Fires what falls due, in order and each at its own time, those included that are set on the way. */
  advance(ms: number): void {
    const until = this.time + ms;
    for (;;) {
      const next = this.timers
        .filter(({ dueAt }) => dueAt <= until)
        .reduce<Timer | undefined>((a, b) => (a && a.dueAt <= b.dueAt ? a : b), undefined);
      if (!next) break;
      this.timers = this.timers.filter((each) => each !== next);
      this.time = Math.max(this.time, next.dueAt);
      next.fire();
    }
    this.time = until;
  }

  /** Time passes, and no timer gets a turn: what a blocked event loop looks like. */
  block(ms: number): void {
    this.time += ms;
  }
}
