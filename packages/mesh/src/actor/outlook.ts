import type { Clock } from "../clock.ts";
import { DrainRate } from "./drain-rate.ts";
import type { Job } from "./job.ts";
import type { Mailbox } from "./mailbox.ts";
import type { Pace } from "./pace.ts";
import type { Backlog } from "./refusals.ts";
import { ServiceTime } from "./service-time.ts";

const NOTHING: ReadonlySet<Job> = new Set();

/** The actor of which it is. */
interface Busy {
  readonly clock: Clock;
  readonly slots: number;
  readonly lives: { readonly isHeld: boolean };
  readonly running: ReadonlySet<Job>;
  readonly mailbox: Mailbox<Job>;
}

/** How soon an actor will have time, by what it has done so far. */
export class Outlook {
  readonly drain: DrainRate;
  private readonly actor: Busy;
  private readonly serviceTime: ServiceTime;

  constructor(actor: Busy) {
    this.actor = actor;
    this.serviceTime = new ServiceTime(actor.clock);
    this.drain = new DrainRate(() => actor.slots);
  }

  /** A handler has returned. */
  returned(job: Job, now: number): void {
    this.serviceTime.add(job, now);
    job.method.pace.add(now - job.startedAt);
  }

  /** Milliseconds that a handler is expected to take; 0 before the first. */
  get meanMs(): number {
    return this.serviceTime.expected(NOTHING);
  }

  /** Milliseconds until a slot is expected to become free. */
  get nextSlotMs(): number {
    const { running, slots, lives } = this.actor;
    if (lives.isHeld) return Infinity;
    return running.size < slots ? 0 : this.soonest((pace, elapsedMs) => pace.restMs(elapsedMs));
  }

  /** The same, of those alone that are known to take as long as others; infinite when there is none. */
  get foreseenMs(): number {
    return this.soonest((pace, elapsedMs) => pace.foreseenMs(elapsedMs));
  }

  /** Milliseconds that the first of those that wait has been here; 0 when nothing waits. */
  get oldestMs(): number {
    const { mailbox, clock } = this.actor;
    return mailbox.head ? clock.now() - mailbox.head.arrivedAt : 0;
  }

  /** Others' requests may wait here beside its own. */
  get hasRoom(): boolean {
    const { size, capacity, bytes, capacityBytes } = this.actor.mailbox;
    return size < capacity / 2 && bytes < capacityBytes / 2;
  }

  /** What is in the way of a request that is not taken. @param madeRoom for another */
  backlogOf(job: Job, madeRoom: boolean): Backlog {
    const { running, mailbox } = this.actor;
    const { capacity, size, bytes } = mailbox;
    return {
      running: running.size,
      waiting: size,
      capacity,
      bytes,
      obstacle: madeRoom ? "another" : mailbox.obstacle(job),
      backlogMs: mailbox.waitOf(job, this.drain.turnMs(this.serviceTime, running)),
    };
  }

  private soonest(restMs: (pace: Pace, elapsedMs: number) => number): number {
    const { clock, running } = this.actor;
    const now = clock.now();
    let least = Infinity;
    for (const { method, startedAt } of running)
      least = Math.min(least, restMs(method.pace, now - startedAt));
    return least;
  }
}
