import { MeshError } from "@shoal/mesh";

const BASE_MS = 100;
/** Share by which calls differ from that. */
const JITTER = 0.15;
/** How speed falls beyond the knee, as a power of calls over knee: 1 would be a queue. With 2, twice the knee does half. */
const STEEPNESS = 2;
/** Over so many times the knee calls are refused. */
const REFUSES_OVER = 3;

interface Call {
  /** The work that will have been done by then, by each call. */
  readonly doneAt: number;
  readonly end: () => void;
}

/**
 * A backend that does well up to so many calls at once, and collapses beyond: all that run share what is left of its speed.
 */
export class Knee {
  private knee: number;
  private readonly random: () => number;
  private calls: Call[] = [];
  /** Work done so far by a call that would have been there from the beginning, as of `at`. */
  private done = 0;
  private at = performance.now();
  private timer: NodeJS.Timeout | undefined;

  constructor(knee: number, random: () => number) {
    this.knee = knee;
    this.random = random;
  }

  /** The knee is elsewhere from now on. */
  move(to: number): void {
    this.advance();
    this.knee = to;
    this.arm();
  }

  /** Resolves when the backend has done its work. @throws MeshError `overloaded` */
  work(): Promise<void> {
    this.advance();
    if (this.calls.length >= REFUSES_OVER * this.knee)
      throw new MeshError("overloaded", `${this.calls.length} calls at once are too many.`);
    const takesMs = BASE_MS * (1 - JITTER + 2 * JITTER * this.random());
    return new Promise((end) => {
      this.calls.push({ doneAt: this.done + takesMs, end });
      this.arm();
    });
  }

  private get speed(): number {
    const over = this.calls.length / this.knee;
    return over <= 1 ? 1 : over ** -STEEPNESS;
  }

  private advance(): void {
    const now = performance.now();
    this.done += (now - this.at) * this.speed;
    this.at = now;
    const ended = this.calls.filter(({ doneAt }) => doneAt <= this.done);
    this.calls = this.calls.filter(({ doneAt }) => doneAt > this.done);
    for (const { end } of ended) end();
  }

  private arm(): void {
    clearTimeout(this.timer);
    const first = Math.min(...this.calls.map(({ doneAt }) => doneAt));
    if (!Number.isFinite(first)) return;
    // Timers fire up to a millisecond early.
    this.timer = setTimeout(() => this.tick(), (first - this.done) / this.speed + 0.5);
  }

  private tick(): void {
    this.advance();
    this.arm();
  }
}
