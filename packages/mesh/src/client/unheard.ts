import type { Clock } from "../clock.ts";
import type { Deadlines } from "../deadlines.ts";
import { KNOWN_MS } from "../protocol/left.ts";
import type { Pending } from "./pending.ts";

/**
 * Calls that no replica has said to hold. A live one says so within 20 ms. Who got a request that nobody speaks of is not
 * known, so those are asked after that have just held others of the same agent.
 *
 * U1: an unheard call is sent again soon after a replica is found dead (80 ms, or 150 where that one has not been heard of
 *     for a while), else when it has been unheard for 1 s. Where nobody answers questions in that time either, after 2 s then,
 *     and each 4 s: where everything is slow, what is sent again each second is never heard in time, and makes it slower.
 *     A process that was busy itself first reads what has come meanwhile.
 * U2: nobody is asked after while every call is heard; one question at a time to a replica.
 * U3: where a replica has left in good order, nothing is sent again for its sake: it has taken care of what it had.
 */

const UNHEARD_MS = 1_000;
const MOST_UNHEARD_MS = 4_000;
const SUSPECT_MS = 80;
/** The same for one that has not been heard of lately: it may have left in good order before the call was sent. */
const DOUBTFUL_MS = 150;
const ASK_EVERY_MS = 100;
/** A timer that is later than this says that the process was busy. */
const LATE_MS = 15;
const ANSWER_WITHIN_MS = 1_000;
const RECENT_MS = 600;
/** Of one agent. */
const MAX_KNOWN = 64;

export interface UnheardParts {
  clock: Clock;
  deadlines: Deadlines;
  /** Asks a replica; the returned function stops waiting for its answer. */
  probe: (replica: string, answer: (isAlive: boolean) => void) => () => void;
  /** Calls that nobody has said to hold. */
  calls: () => Iterable<Pending>;
  /** False while the connection is down, and shortly after. */
  isSteady: () => boolean;
}

export class Unheard {
  private readonly parts: UnheardParts;
  /** By agent: when each replica was heard, the last one at the end. */
  private readonly known = new Map<string, Map<string, number>>();
  /** When somebody last answered a question in time. */
  private answeredAt = -Infinity;
  /** Questions that are open, by replica. */
  private readonly asked = new Map<string, () => void>();

  constructor(parts: UnheardParts) {
    this.parts = parts;
  }

  /** Wakes a call at its deadline, or sooner where it wants to know whether anybody has heard it. */
  watch(call: Pending): void {
    const { clock, deadlines } = this.parts;
    const { deadlineAt } = call.request;
    if (call.isHeard) return deadlines.add(call, deadlineAt);
    const now = clock.now();
    // U1
    call.unheardUntil = now + Math.min(UNHEARD_MS * 2 ** call.timesUnheard, MOST_UNHEARD_MS);
    deadlines.add(call, Math.min(deadlineAt, now + ASK_EVERY_MS));
  }

  /** A replica holds a call of an agent. */
  meet(agent: string, replica: string): void {
    let known = this.known.get(agent);
    if (!known) this.known.set(agent, (known = new Map()));
    known.delete(replica);
    known.set(replica, this.parts.clock.now());
    const [first] = known.keys();
    if (first !== undefined && known.size > MAX_KNOWN) known.delete(first);
  }

  /** The way to replicas, and back, takes less than a call has until it is sent again: whoever says nothing has stopped. */
  get isNear(): boolean {
    return this.parts.clock.now() - this.answeredAt <= UNHEARD_MS;
  }

  /** U1: time that a call is sent again. */
  isOverdue({ unheardUntil, dueAt }: Pending): boolean {
    const now = this.parts.clock.now();
    return now >= unheardUntil && (unheardUntil === -Infinity || now - dueAt <= LATE_MS);
  }

  /** Asks after those who may have had a call, and wakes it again soon. */
  ask(call: Pending): void {
    const { clock, deadlines } = this.parts;
    const { agent, deadlineAt } = call.request;
    const now = clock.now();
    for (const [replica, heardAt] of this.known.get(agent) ?? []) {
      // U2
      if (now - heardAt <= KNOWN_MS && !this.asked.has(replica))
        this.question(agent, replica, now - heardAt <= RECENT_MS ? SUSPECT_MS : DOUBTFUL_MS);
    }
    // It was woken late. By the next tick all that has come is read.
    if (now >= call.unheardUntil) call.unheardUntil = -Infinity;
    deadlines.add(call, Math.min(deadlineAt, call.unheardUntil, now + ASK_EVERY_MS));
  }

  /** U1: a replica is dead. It may have had calls of which it had not said so yet. */
  lost(replica: string, suspectMs: number = SUSPECT_MS): void {
    const { clock, deadlines, calls } = this.parts;
    for (const known of this.known.values()) known.delete(replica);
    for (const call of calls()) {
      call.unheardUntil = Math.min(call.unheardUntil, clock.now() + suspectMs);
      deadlines.add(call, Math.min(call.request.deadlineAt, call.unheardUntil));
    }
  }

  /** U3 */
  left(replica: string): void {
    for (const known of this.known.values()) known.delete(replica);
    this.asked.get(replica)?.();
  }

  stop(): void {
    for (const forget of this.asked.values()) forget();
  }

  private answered(agent: string, replica: string): void {
    this.answeredAt = this.parts.clock.now();
    this.meet(agent, replica);
  }

  private question(agent: string, replica: string, suspectMs: number): void {
    const { clock, probe, isSteady } = this.parts;
    const forget = (): void => {
      stopTimer();
      stopProbe();
      this.asked.delete(replica);
    };
    const stopTimer = clock.after(ANSWER_WITHIN_MS, forget);
    this.asked.set(replica, forget);
    const stopProbe = probe(replica, (isAlive) => {
      forget();
      if (isAlive) this.answered(agent, replica);
      else if (isSteady()) this.lost(replica, suspectMs);
    });
  }
}
