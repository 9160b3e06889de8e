import type { Clock } from "./clock.ts";

/**
 * One timer for every deadline of a process: a hashed timing wheel (Varghese & Lauck 1987). Adding and
 * removing take the same short time however many wait, so a deadline that does not pass costs next to nothing.
 *
 * D1: an entry fires once, at most one tick after its time and never before it.
 * D2: a removed entry never fires.
 * D3: an empty wheel lets go of its timer within a tick.
 * D4: an entry whose `onDue` throws keeps no other entry from firing.
 */

const TICK_MS = 5;
const SLOTS = 1024;

/** Something that has a time limit. Extend it: the entry is its own list node, so nothing is allocated. */
export abstract class Timed {
  /** When it fires, by the wheel's clock; owned by the wheel. */
  dueAt = 0;
  earlier: Timed | undefined = undefined;
  later: Timed | undefined = undefined;

  abstract onDue(): void;
}

class Slot extends Timed {
  override onDue(): void {}
}

export class Deadlines {
  /** Told of each tick while something waits, and by how many milliseconds the event loop was late for it. */
  onTick: ((now: number, lateMs: number) => void) | undefined;
  private readonly clock: Clock;
  private readonly slots: readonly Slot[];
  private count = 0;
  /** The last tick whose slot was swept. */
  private tick = 0;
  private wakesAt = 0;
  private stopTimer: (() => void) | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
    this.slots = Array.from({ length: SLOTS }, () => {
      const head = new Slot();
      head.later = head;
      head.earlier = head;
      return head;
    });
  }

  get size(): number {
    return this.count;
  }

  /** Fires `entry.onDue` once the clock has reached `dueAt`. An entry that waits already is moved. */
  add(entry: Timed, dueAt: number): void {
    this.remove(entry);
    if (this.count === 0) this.tick = Math.floor(this.clock.now() / TICK_MS);
    entry.dueAt = dueAt;
    // D1: the tick at or after its time, so never before it.
    const dueTick = Math.max(Math.ceil(dueAt / TICK_MS), this.tick + 1);
    const head = this.slots[dueTick % SLOTS] as Slot;
    const last = head.earlier as Timed;
    entry.earlier = last;
    entry.later = head;
    last.later = entry;
    head.earlier = entry;
    this.count++;
    this.stopTimer ??= this.arm(this.clock.now());
  }

  remove(entry: Timed): void {
    const { earlier, later } = entry;
    if (!earlier || !later) return;
    // D2
    earlier.later = later;
    later.earlier = earlier;
    entry.earlier = undefined;
    entry.later = undefined;
    this.count--;
  }

  /** Forgets everything; nothing fires any more. */
  clear(): void {
    for (const head of this.slots) while (head.later !== head) this.remove(head.later as Timed);
    this.stopTimer?.();
    this.stopTimer = undefined;
  }

  /** Wakes at the next tick's beginning, not one tick from now: a timer that is a little late stays a little late. */
  private arm(now: number): () => void {
    const delayMs = Math.ceil(TICK_MS - (now % TICK_MS));
    this.wakesAt = now + delayMs;
    return this.clock.after(delayMs, this.sweep);
  }

  private readonly sweep = (): void => {
    const now = this.clock.now();
    this.stopTimer = undefined;
    this.onTick?.(now, now - this.wakesAt);
    const until = Math.floor(now / TICK_MS);
    // After a long pause one turn of the wheel sees every slot.
    for (let tick = Math.max(this.tick + 1, until - SLOTS + 1); tick <= until; tick++) {
      this.tick = tick;
      this.sweepSlot(this.slots[tick % SLOTS] as Slot, now);
    }
    this.tick = Math.max(this.tick, until);
    // D3
    if (this.count > 0) this.stopTimer ??= this.arm(now);
  };

  private sweepSlot(head: Slot, now: number): void {
    // `onDue` may add to or remove from this very slot: walk over a snapshot.
    const due: Timed[] = [];
    for (let entry = head.later as Timed; entry !== head; entry = entry.later as Timed) {
      if (entry.dueAt <= now) due.push(entry);
    }
    for (const entry of due) {
      // D2, and D1: one that fired before it may have removed or moved it.
      if (!entry.later || entry.dueAt > now) continue;
      this.remove(entry);
      try {
        entry.onDue();
      } catch (error) {
        // D4: uncaught, as it would be in a timer of its own.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
