import { type Bounds, bounded } from "./limit.ts";
import { Mean } from "./mean.ts";

/** Shares of the limit by which it is tried out: how it begins, what it is after a failed trial, and its bounds. */
const FIRST_STEP = 1;
const STEP = 1 / 8;
const LEAST_STEP = 1 / 16;
const MOST_DOWN = 0.4;
const MOST_NOISY = 0.5;
/** Calls that a mean needs at least, in any case. */
const LEAST_CALLS = 4;
/** Rounds of calls after which a mean that varies too much is taken as it is. */
const MOST_ROUNDS = 4;
const LEAST_ROUND = 10;
/** Rounds between two trials, at most. */
const MOST_REST = 8;
/** Of the limit, that must be used for a trial to mean anything. */
const FULL = 0.9;

/**
 * Finds the limit at which most gets done, by trials: a few more calls at once for a while, or a few fewer. More are kept
 * when they do not take longer in proportion, so that more got done; fewer are kept when they do, so that no less did. It
 * compares what it has just measured, and so needs no idea of how long a call should take.
 */
export class Climb {
  /** The limit now. */
  value: number;
  private readonly bounds: Bounds;
  /** The limit outside of trials. */
  private base: number;
  /** +1 and -1 in a trial. */
  private trial: 1 | 0 | -1 = 0;
  private next: 1 | -1 = 1;
  private step = FIRST_STEP;
  /** Rounds until the next trial, and after the next one that fails. */
  private rest = 1;
  private patience = 1;
  /** Calls that were begun under another limit, and are still to end. */
  private stale = 0;
  private inRound = 0;
  private cost = new Mean();
  private use = new Mean();
  /** Mean cost at the base. */
  private usual = 0;

  constructor(bounds: Bounds, start: number) {
    this.bounds = bounds;
    this.value = start;
    this.base = start;
  }

  /** What ends now was begun in a trial that is over. */
  get isSettling(): boolean {
    return this.trial === 0 && this.stale > 0;
  }

  /** Takes some of the limit away. True when that ends a trial of more, which is then all. */
  brake(by: number): boolean {
    if (this.trial > 0) {
      this.failed(false);
      return true;
    }
    const value = this.base;
    this.base = bounded(this.bounds, value - by);
    this.value = bounded(this.bounds, this.value - (value - this.base));
    if (this.trial === 0) this.wake();
    return false;
  }

  /** Things have changed: a trial of fewer is due at once. */
  private wake(): void {
    this.next = -1;
    this.step = STEP;
    this.rest = 1;
    this.patience = 1;
  }

  /**
   * Takes note of what a call has cost.
   * @returns the mean cost, when a trial has shown that it is not the limit that makes it
   */
  add(cost: number, inFlight: number): number | undefined {
    if (this.stale > 0) {
      this.stale--;
      return undefined;
    }
    this.cost.add(cost);
    this.use.add(inFlight / Math.round(this.value));
    const round = Math.max(LEAST_ROUND, this.value);
    if (this.trial === 0 && this.rest > 1) this.pass(round);
    else if (this.isMeasured(round)) return this.trial === 0 ? this.begin() : this.judge();
    return undefined;
  }

  /** A round of rest. What is compared is measured over the last few of them. */
  private pass(round: number): void {
    if (++this.inRound < round) return;
    this.inRound = 0;
    if (--this.rest === MOST_ROUNDS) this.measure();
  }

  private isMeasured(round: number): boolean {
    const { count, error } = this.cost;
    if (count < Math.max(LEAST_CALLS, this.value)) return false;
    return error <= this.tolerance || count >= MOST_ROUNDS * round;
  }

  /** How far a mean may be off to tell whether a trial of this size has paid. */
  private get tolerance(): number {
    return (this.trial === 0 ? this.step : Math.abs(this.value / this.base - 1)) / 4;
  }

  private begin(): undefined {
    const isFull = this.use.value >= FULL;
    this.usual = this.cost.value;
    if (isFull) this.tryNext();
    else this.measure();
  }

  private tryNext(): void {
    const share = this.next > 0 ? this.step : Math.min(this.step, MOST_DOWN);
    const to = bounded(this.bounds, Math.round(this.base + this.next * Math.max(1, this.base * share)));
    if (to === this.base) return this.failed(false);
    this.trial = this.next;
    this.move(to);
  }

  private judge(): number | undefined {
    const { trial, base, value } = this;
    const { value: cost, error } = this.cost;
    const isNoisy = error > this.tolerance;
    if (this.use.value < FULL) this.leave();
    else if (cost / this.usual < 1 + (value / base - 1) / 2) this.keep(cost);
    else {
      this.failed(isNoisy);
      if (trial < 0 && !isNoisy) return cost;
    }
    return undefined;
  }

  /** It has paid: on in the same direction, in a larger step. */
  private keep(cost: number): void {
    this.base = this.value;
    this.usual = cost;
    this.patience = 1;
    this.step = Math.min(1, this.step * 2);
    this.tryNext();
  }

  /** It has not: the other direction is next. What cannot be told from noise needs a larger step, and no rest. */
  private failed(isNoisy: boolean): void {
    this.next = this.next > 0 ? -1 : 1;
    this.step = isNoisy
      ? Math.min(MOST_NOISY, this.step * 2)
      : Math.min(STEP, Math.max(LEAST_STEP, this.step / 2));
    this.rest = isNoisy ? 1 : this.patience;
    if (!isNoisy) this.patience = Math.min(MOST_REST, this.patience * 2);
    this.leave();
  }

  private leave(): void {
    this.trial = 0;
    this.move(this.base);
  }

  private move(to: number): void {
    this.stale = Math.round(Math.max(this.value, to));
    this.value = to;
    this.measure();
  }

  private measure(): void {
    this.inRound = 0;
    this.cost = new Mean();
    this.use = new Mean();
  }
}
