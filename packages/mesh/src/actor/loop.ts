import type { Clock } from "../clock.ts";

/**
 * The event loop that the actors of a process share. A handler that computes for long holds up all of them: their
 * deadlines, their answers, and the word that they live.
 *
 * H1: a block is told once, with the job that has held the loop where that is sure: it was caught before it had awaited
 *     anything, or no other ran.
 * H2: what arrived during a block is not begun, for a tenth of a second after it: it is as old as the block was long. What
 *     is sent again after that is new.
 */

/** A shorter one is not worth telling. */
const BLOCKED_MS = 1_000;
/** Messages that came during a block are read after it. */
const SHED_MS = 100;
/** A process that was busy for less of the time was stopped, or starved by others, or waited without giving way. */
const BUSY_SHARE = 0.5;

export interface Block<J> {
  readonly blockedMs: number;
  /** Undefined when it is not sure who it was. */
  readonly culprit: J | undefined;
  /** It computed. Else it was stopped (SIGSTOP, a laptop's lid), or had no processor, or waited without giving way. */
  readonly wasBusy: boolean;
}

interface Started {
  readonly startedAt: number;
}

export class Loop<J extends Started = Started> {
  /** Until then what is read may have waited for the end of a block. */
  shedUntil: number = -Infinity;
  /** Handlers that have begun and have not returned. */
  active = 0;
  private readonly onBlock: (block: Block<J>) => void;
  private readonly clock: Pick<Clock, "cpu">;
  /** When the loop was last known to turn. */
  private turnedAt = -Infinity;
  private toldAt = -Infinity;
  private busyMs = 0;
  private sampledAt = -Infinity;

  /** @param onBlock what it throws is its own affair */
  constructor(clock: Pick<Clock, "cpu">, onBlock: (block: Block<J>) => void) {
    this.clock = clock;
    this.onBlock = onBlock;
  }

  /** A request has come. @param isLocal in this very turn: that says nothing of timers and sockets */
  turn(now: number, isLocal = false): void {
    this.turnedAt = now;
    if (!isLocal) this.sample(now);
  }

  /** A timer has fired, so much later than it was due. */
  tick(now: number, lateMs: number): void {
    this.turnedAt = now;
    // H1: unless a job was caught meanwhile.
    if (lateMs >= BLOCKED_MS && this.toldAt < now - lateMs) this.block(now, lateMs, undefined);
    this.sample(now);
  }

  /** A job's handler has run up to where it first awaits something, or has returned. */
  ran(job: J, now: number): void {
    this.held(now - job.startedAt, now, job);
  }

  /** A job's handler has given the loop back once more. */
  yielded(job: J, now: number): void {
    this.held(now - this.turnedAt, now, this.active === 1 ? job : undefined);
  }

  private held(heldMs: number, now: number, culprit: J | undefined): void {
    this.turnedAt = now;
    if (heldMs >= BLOCKED_MS) this.block(now, heldMs, culprit);
  }

  private block(now: number, blockedMs: number, culprit: J | undefined): void {
    this.toldAt = now;
    // H2
    this.shedUntil = now + SHED_MS;
    const wasBusy = this.clock.cpu() - this.busyMs >= BUSY_SHARE * blockedMs;
    this.sampledAt = -Infinity;
    this.sample(now);
    try {
      this.onBlock({ blockedMs, culprit, wasBusy });
    } catch {
      // A logger that fails must keep no slot.
    }
  }

  /** Once in a while: it is a system call. */
  private sample(now: number): void {
    if (now - this.sampledAt < BLOCKED_MS / 10) return;
    this.sampledAt = now;
    this.busyMs = this.clock.cpu();
  }
}
