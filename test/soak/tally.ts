import { MeshError } from "../../packages/mesh/src/index.ts";

/** How requests for one method ended for their callers, and what is known of who worked on them. */
export interface TargetTally {
  /** By outcome: `ok`, `left` for a stream that its reader left, or an error's code. */
  readonly outcomes: Record<string, number>;
  /** Answers by the replica that gave them. */
  readonly answers: Record<string, number>;
  /** Attempts in all: one for each request, and one for each time that it was sent again. */
  attempts: number;
}

/** By `agent.method`. */
export type Tallies = Record<string, TargetTally>;

/** Codes that the caller's own side gives, or may give: nobody need have worked on such a request. */
const CALLERS_OWN: ReadonlySet<string> = new Set([
  "cancelled",
  "deadline_exceeded",
  "replica_lost",
  "timeout",
  "unavailable",
]);

/** How one request ended. */
export interface Ended {
  readonly outcome: string;
  readonly replica: string | undefined;
  readonly attempt: number;
}

/** The book that a client keeps of its requests: each is entered once, when it has ended. */
export class Tally {
  private tallies: Tallies = {};

  enter(target: string, { outcome, replica, attempt }: Ended): void {
    const tally = (this.tallies[target] ??= { outcomes: {}, answers: {}, attempts: 0 });
    tally.attempts += attempt;
    add(tally.outcomes, outcome, 1);
    if (replica !== undefined && outcome !== "left" && !CALLERS_OWN.has(outcome))
      add(tally.answers, replica, 1);
  }

  /** What was entered since it was last taken. */
  take(): Tallies {
    const taken = this.tallies;
    this.tallies = {};
    return taken;
  }
}

/** The outcome of a request that has failed. */
export function failed(error: unknown): Ended {
  if (!(error instanceof MeshError)) return { outcome: "internal", replica: undefined, attempt: 1 };
  const { code, replica, attempt = 1 } = error;
  return { outcome: code, replica, attempt };
}

/** Adds what has been taken to what was taken before. */
export function addTallies(sum: Tallies, more: Tallies): void {
  for (const [target, { outcomes, answers, attempts }] of Object.entries(more)) {
    const tally = (sum[target] ??= { outcomes: {}, answers: {}, attempts: 0 });
    tally.attempts += attempts;
    for (const [outcome, count] of Object.entries(outcomes)) add(tally.outcomes, outcome, count);
    for (const [replica, count] of Object.entries(answers)) add(tally.answers, replica, count);
  }
}

function add(counts: Record<string, number>, key: string, count: number): void {
  counts[key] = (counts[key] ?? 0) + count;
}
