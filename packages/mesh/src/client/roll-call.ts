import type { Clock } from "../clock.ts";
import type { Frame } from "../protocol/frame.ts";
import type { Pending } from "./pending.ts";
import type { ProbeAnswer } from "./probe.ts";

/** Calls that one question asks about. */
const BATCH = 500;
/** How soon to ask again a replica that is not there: it reconnects in its own time. */
const ABSENT_MS = 100;
/** How soon to ask again one that says nothing. */
const SILENT_MS = 1_000;

/** A call, and the number under which a replica holds it. */
interface Question {
  readonly call: Pending;
  readonly number: number;
}

export interface RollCallParts {
  clock: Clock;
  /** Sends a ping with a body; the returned function stops waiting for the answer. */
  probe: (replica: string, answer: ProbeAnswer, body: unknown) => () => void;
}

/**
 * After a reconnect, of this client or of a replica: which calls do the replicas still hold, with nothing of their answers lost? A replica is asked one
 * question at a time, about many calls (P4).
 */
export class RollCall {
  private readonly parts: RollCallParts;
  private readonly rounds = new Set<Round>();

  constructor(parts: RollCallParts) {
    this.parts = parts;
  }

  /** Asks after all calls whose replica is known, and drops whatever questions are open. */
  begin(calls: readonly Pending[]): void {
    this.stop();
    this.ask(calls);
  }

  /** Asks after some calls more. */
  ask(calls: readonly Pending[]): void {
    const open = calls.filter(({ hasEnded }) => !hasEnded);
    for (const [replica, held] of Map.groupBy(open, (call) => call.replica)) {
      if (replica === undefined) continue;
      const round = new Round(replica, held, this.parts, () => this.rounds.delete(round));
      this.rounds.add(round);
      round.ask();
    }
  }

  stop(): void {
    for (const round of this.rounds) round.stop();
    this.rounds.clear();
  }
}

/** The questions to one replica. */
class Round {
  private readonly replica: string;
  private readonly parts: RollCallParts;
  private readonly onDone: () => void;
  private questions: Question[];
  private forget: (() => void) | undefined;
  private stopTimer: (() => void) | undefined;

  constructor(replica: string, calls: readonly Pending[], parts: RollCallParts, onDone: () => void) {
    this.replica = replica;
    this.parts = parts;
    this.onDone = onDone;
    this.questions = calls.map((call) => ({ call, number: call.number }));
  }

  ask(): void {
    this.stop();
    // Those that ended, were sent again, or have moved, are no longer in question.
    this.questions = this.questions.filter((each) => this.isOpen(each));
    const batch = this.questions.slice(0, BATCH);
    if (batch.length === 0) return this.onDone();
    const calls = batch.map(({ call, number }) => ({ call: number, reply: call.reply?.text }));
    this.stopTimer = this.parts.clock.after(SILENT_MS, () => this.ask());
    this.forget = this.parts.probe(this.replica, (pong) => this.hear(pong, batch), { calls });
  }

  stop(): void {
    this.forget?.();
    this.stopTimer?.();
  }

  /** It is this replica that is believed to hold it. */
  private isOpen({ call, number }: Question): boolean {
    return !call.hasEnded && call.number === number && call.replica === this.replica;
  }

  private hear(pong: Frame | undefined, batch: readonly Question[]): void {
    this.stop();
    if (!pong) {
      this.stopTimer = this.parts.clock.after(ABSENT_MS, () => this.ask());
      return;
    }
    const gone = goneIn(pong);
    this.questions = this.questions.slice(batch.length);
    for (const each of batch) if (gone.has(each.number) && this.isOpen(each)) each.call.lost("forgotten");
    this.ask();
  }
}

function goneIn(pong: Frame): ReadonlySet<unknown> {
  try {
    const body = pong.body();
    const gone = typeof body === "object" && body !== null && "gone" in body ? body.gone : undefined;
    return new Set(Array.isArray(gone) ? gone : []);
  } catch {
    return new Set();
  }
}
