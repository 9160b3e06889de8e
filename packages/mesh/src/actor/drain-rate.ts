import type { ServiceTime, Started } from "./service-time.ts";

/** The window holds so many requests for each slot, and so many at least. */
const PER_SLOT = 8;
const LEAST = 64;
/** Before there are so many for each slot, and so many at all, they say nothing. */
const KNOWN_PER_SLOT = 2;
const KNOWN = 4;
/** So many times the usual time is no accident. */
const OVERDUE = 3;

/**
 * How fast a backlog goes: by what has left the mailbox while others waited, whether it was begun, was handed on or has
 * expired. Right for handlers that get slower the more of them run, of which service time and slots say little.
 */
export class DrainRate {
  private readonly slots: () => number;
  private count = 0;
  private tookMs = 0;
  /** When the last one left; undefined when none waited any more. */
  private leftAt: number | undefined;

  constructor(slots: () => number) {
    this.slots = slots;
  }

  /** One has left. @param waiting how many still wait */
  left(now: number, waiting: number): void {
    if (this.leftAt !== undefined) {
      this.count++;
      this.tookMs += now - this.leftAt;
      if (this.count >= Math.max(LEAST, PER_SLOT * this.slots())) {
        // The older half counts half as much from now on.
        this.count /= 2;
        this.tookMs /= 2;
      }
    }
    this.leftAt = waiting > 0 ? now : undefined;
  }

  /**
   * Milliseconds in which one more leaves. From service time alone until enough have left; longer when what runs has been
   * running for more than thrice the usual time: nothing has left since, and the rate is that of better times.
   */
  turnMs(service: ServiceTime, running: ReadonlySet<Started>): number {
    const slots = this.slots();
    const expectedMs = service.expected(running);
    if (this.count < Math.max(KNOWN, KNOWN_PER_SLOT * slots)) return expectedMs / slots;
    const { meanMs } = service;
    const overdue = meanMs > 0 ? expectedMs / meanMs / OVERDUE : 1;
    return (this.tookMs / this.count) * Math.max(1, overdue);
  }
}
