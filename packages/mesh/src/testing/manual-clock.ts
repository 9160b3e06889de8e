import type { Clock } from "../clock.ts";
import { type Duration, toMs } from "../duration.ts";

interface Timer {
  readonly dueAt: number;
  /** Those that fall due together fire in the order in which they were set. */
  readonly serial: number;
  readonly fire: () => void;
  isCancelled: boolean;
}

/** Time that passes only when a test says so, in milliseconds. */
export class ManualClock implements Clock {
  private time: number;
  /** A binary heap, the next one first. */
  private readonly timers: Timer[] = [];
  private serial = 0;

  constructor(startAt = 1_000) {
    this.time = startAt;
  }

  /** Timers that have not fired. */
  get armed(): number {
    return this.timers.filter(({ isCancelled }) => !isCancelled).length;
  }

  now(): number {
    return this.time;
  }

  /** It computes all the time. */
  cpu(): number {
    return this.time;
  }

  after(delayMs: number, fire: () => void): () => void {
    const dueAt = this.time + Math.max(0, delayMs);
    const timer: Timer = { dueAt, serial: this.serial++, fire, isCancelled: false };
    this.push(timer);
    return () => (timer.isCancelled = true);
  }

  /** Fires what falls due, in order and each at its own time, those included that are set on the way. */
  advance(duration: Duration): void {
    const until = this.time + toMs(duration);
    for (let next = this.timers[0]; next && next.dueAt <= until; next = this.timers[0]) {
      this.pop();
      if (next.isCancelled) continue;
      this.time = Math.max(this.time, next.dueAt);
      next.fire();
    }
    this.time = until;
  }

  /** Time passes until the next timer is due, and what is due then fires. */
  advanceToNext(): void {
    this.advance(Math.max(0, (this.timers[0]?.dueAt ?? this.time) - this.time));
  }

  /** Time passes, and no timer gets a turn: what a blocked event loop looks like. */
  block(ms: number): void {
    this.time += ms;
  }

  private push(timer: Timer): void {
    const { timers } = this;
    let at = timers.length;
    for (let above = (at - 1) >> 1; at > 0 && isBefore(timer, timers[above]); above = (at - 1) >> 1) {
      timers[at] = timers[above] as Timer;
      at = above;
    }
    timers[at] = timer;
  }

  private pop(): void {
    const { timers } = this;
    const last = timers.pop() as Timer;
    if (timers.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (isBefore(timers[below + 1], timers[below])) below++;
      if (!isBefore(timers[below], last)) break;
      timers[at] = timers[below] as Timer;
      at = below;
    }
    timers[at] = last;
  }
}

function isBefore(a: Timer | undefined, b: Timer | undefined): boolean {
  if (!a) return false;
  return !b || a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.serial < b.serial);
}
