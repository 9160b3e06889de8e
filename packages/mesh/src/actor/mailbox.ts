import type { Clock } from "../clock.ts";
import type { Priority } from "../protocol/priority.ts";
import type { DrainRate } from "./drain-rate.ts";
import type { Line, Queueable } from "./line.ts";
import { type Sender, Senders } from "./senders.ts";
import { Turns } from "./turns.ts";

/**
 * What waits for an actor. Priorities share the turns by weight, the senders of one priority take turns, and what one
 * sender has sent with one priority stays in order. An item may leave from anywhere.
 *
 * M1: items of one sender and one priority leave by `shift` in the order in which they came.
 * M2: it never holds more than `capacity` items, nor more than `capacityBytes`.
 * M3: a removed item is never shifted.
 * M4: nobody starves: while all priorities wait, of 21 turns 16 are high, 4 normal and 1 low; within one, a sender has
 *     its turn before any other has two.
 * M5: when it is full, the newest of whoever has the most makes room for one of whom at least two less wait, and what is
 *     less urgent for what is more.
 * M6: a line that moves slower than the whole takes fewer, so that nothing waits for much longer than `capacity` turns
 *     once its pace is known.
 */

/** Too many wait, they take too many bytes, or those of one sender would wait for longer than a full mailbox's worth. */
export type Obstacle = "count" | "bytes" | "share";

const LEVELS: Readonly<Record<Priority, number>> = { high: 0, normal: 1, low: 2 };
const WEIGHTS: readonly number[] = [16, 4, 1];

export class Mailbox<T extends Queueable> {
  readonly capacity: number;
  readonly capacityBytes: number;
  private readonly clock: Pick<Clock, "now">;
  private readonly drain: DrainRate;
  private readonly levels: readonly Turns<T>[] = WEIGHTS.map((weight) => new Turns<T>(weight));
  private readonly senders = new Senders<T>();
  private count = 0;
  private held = 0;
  /** Items that were shifted. */
  private turns = 0;
  /** When the last of what waits, or has waited with it, expires. */
  private lastsUntil = -Infinity;

  constructor(capacity: number, capacityBytes: number, clock: Pick<Clock, "now">, drain: DrainRate) {
    this.capacity = capacity;
    this.capacityBytes = capacityBytes;
    this.clock = clock;
    this.drain = drain;
  }

  get size(): number {
    return this.count;
  }

  get bytes(): number {
    return this.held;
  }

  /** The first by priority, and there of the line whose turn it is. */
  get head(): T | undefined {
    for (const { first } of this.levels) if (first) return first.first;
    return undefined;
  }

  /** By priority, then sender by sender. */
  *[Symbol.iterator](): Generator<T> {
    for (const level of this.levels) for (const line of level) yield* line;
  }

  /**
   * False when it is full, when this item's bytes do not fit beside the others', or when it would wait too long.
   * @param isOwed it has been promised a place: there are never many of them
   */
  push(item: T, isOwed = false): boolean {
    const { sender } = item;
    if (!isOwed && this.obstacle(item, sender)) return false;
    this.add(item, sender);
    return true;
  }

  /** What keeps an item out; undefined when nothing does. */
  obstacle(item: T, sender: string = item.sender): Obstacle | undefined {
    // M2
    if (this.count >= this.capacity) return "count";
    if (this.held + item.bytes > this.capacityBytes) return "bytes";
    return this.isTooLong(this.lineOf(item, sender)) ? "share" : undefined;
  }

  /** M5: takes an item that `push` does not. @returns what had to leave for it; undefined when it is not taken either */
  displace(item: T): T | undefined {
    const { sender } = item;
    if (this.isTooLong(this.lineOf(item, sender))) return undefined;
    const victim = this.weakest(item, sender);
    // M2
    if (!victim || this.held - victim.bytes + item.bytes > this.capacityBytes) return undefined;
    this.take(victim);
    this.add(item, sender);
    return victim;
  }

  /** The next one in the order of service. @param mayGo where that may not go, the first that may */
  shift(mayGo?: (item: T) => boolean): T | undefined {
    const line = this.next();
    const item = line?.first;
    if (!line || !item) return undefined;
    if (mayGo && !mayGo(item)) return this.firstOf(mayGo);
    this.turns++;
    line.taken++;
    this.remove(item);
    if (line.size > 0) {
      // M4: behind the others.
      const level = this.levels[line.level] as Turns<T>;
      level.leave(line);
      level.join(line);
    }
    return item;
  }

  private firstOf(mayGo: (item: T) => boolean): T | undefined {
    for (const item of this) {
      if (!mayGo(item)) continue;
      this.remove(item);
      return item;
    }
    return undefined;
  }

  /** Does nothing when it is not there. */
  remove(item: T): void {
    if (!item.line) return;
    this.take(item);
    this.drain.left(this.clock.now(), this.count);
  }

  /**
   * About how many milliseconds an item would wait that is not taken now, its own turn included: never longer than
   * until all that wait have expired.
   */
  waitOf(item: T, turnMs: number): number {
    const line = this.lineOf(item, item.sender);
    const waitMs = Math.max(this.count + 1, line ? this.turnsOf(line) : 0) * turnMs;
    return this.count === 0 ? waitMs : Math.min(waitMs, this.lastsUntil - this.clock.now());
  }

  private add(item: T, sender: string): void {
    const line = this.senders.added(sender).line(LEVELS[item.priority]);
    if (line.size === 0) {
      line.taken = 0;
      line.since = this.turns;
      this.levels[line.level]?.join(line);
    }
    // M1
    line.join(item);
    this.count++;
    this.held += item.bytes;
    this.lastsUntil = Math.max(this.lastsUntil, item.expiresAt);
  }

  private take(item: T): void {
    const line = item.line as Line<T>;
    // M3: nothing leads to it any more.
    line.leave(item);
    if (line.size === 0) this.levels[line.level]?.leave(line);
    this.senders.removed(line.owner as Sender<T>);
    this.count--;
    this.held -= item.bytes;
    if (this.count > 0) return;
    this.lastsUntil = -Infinity;
    this.refill();
  }

  /** M4: the line whose turn it is. */
  private next(): Line<T> | undefined {
    const [high, normal, low] = this.levels as [Turns<T>, Turns<T>, Turns<T>];
    // Nobody pays for turns that no other priority wants.
    if (!high.first && !low.first) return normal.first;
    if (!normal.first && !(high.first && low.first)) return high.first ?? low.first;
    for (;;) {
      for (const level of this.levels) {
        if (!level.first || level.credit === 0) continue;
        level.credit--;
        return level.first;
      }
      this.refill();
    }
  }

  private refill(): void {
    for (const level of this.levels) level.credit = level.weight;
  }

  /** M5: what is to leave so that this one may stay. */
  private weakest({ priority }: T, sender: string): T | undefined {
    const own = this.senders.find(sender);
    const has = own?.count ?? 0;
    const { largest } = this.senders;
    if (largest && has + 1 < largest.count) return largest.newest();
    const below = LEVELS[priority] + 1;
    const less = own?.newest(below);
    if (less) return less;
    for (let level = this.levels.length - 1; level >= below; level--) {
      const line = this.levels[level]?.last;
      // Nobody is left with less than whoever takes the place had.
      if (line) return line.owner.count > has ? line.last : undefined;
    }
    return undefined;
  }

  /** Undefined when nothing of its sender and priority waits. */
  private lineOf({ priority }: T, sender: string): Line<T> | undefined {
    const line = this.senders.find(sender)?.line(LEVELS[priority]);
    return line && line.size > 0 ? line : undefined;
  }

  /** M6 */
  private isTooLong(line: Line<T> | undefined): boolean {
    return line !== undefined && this.turnsOf(line) > this.capacity;
  }

  /** Turns in which a line and one more are served, by the share that it has had of late. */
  private turnsOf(line: Line<T>): number {
    let passed = this.turns - line.since;
    if (passed > 2 * this.capacity) {
      passed /= 2;
      line.since += passed;
      line.taken /= 2;
    }
    return ((line.size + 1) * passed) / (line.taken + 1);
  }
}
