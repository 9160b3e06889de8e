import { isErrorCode, messageOf, MeshError } from "../../src/errors.ts";

/** Timers tick, and processes share their processor. */
const SLACK_MS = 2_000;
/** More of the same tells nothing new. */
const MAX_PROBLEMS = 20;

/** One request, from when it is sent until it has ended. */
export interface Entry {
  readonly what: string;
  readonly deadlineAt: number;
  /** It may be repeated, has time, and there is a replica: nothing excuses an error. */
  readonly mustSucceed: boolean;
  outcome: string | undefined;
}

/** Accounts for every request: each ends once, in time, and as it may. */
export class Ledger {
  readonly problems: string[] = [];
  sent = 0;
  private readonly now: () => number;
  private readonly slackMs: number;
  private readonly open = new Set<Entry>();
  private readonly outcomes = new Map<string, number>();
  private twice = 0;

  /** @param slackMs how late an outcome may be */
  constructor(now: () => number, slackMs: number = SLACK_MS) {
    this.now = now;
    this.slackMs = slackMs;
  }

  get waiting(): number {
    return this.open.size;
  }

  get ended(): number {
    return this.sent - this.open.size;
  }

  /** Follows a request to its end. @param isRight looks at the value that it ends with */
  async follow<T>(
    entry: Omit<Entry, "outcome">,
    request: Promise<T>,
    isRight: (value: T) => boolean,
  ): Promise<void> {
    const open: Entry = { ...entry, outcome: undefined };
    this.sent++;
    this.open.add(open);
    try {
      const value = await request;
      if (!isRight(value)) this.report(`${entry.what} got a wrong answer: ${JSON.stringify(value)}`);
      this.end(open, "ok");
    } catch (error) {
      this.end(open, error instanceof MeshError ? error.code : `no MeshError: ${messageOf(error)}`, error);
    }
  }

  report(problem: string): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push(problem);
  }

  reportTwice(what: string): void {
    this.twice++;
    this.report(`${what} ended twice`);
  }

  /** Nothing more will come: what is open now hangs. */
  close(): void {
    for (const { what } of this.open) this.report(`${what} hangs`);
  }

  /** Sent, ok, errors by code, ended twice, hung. */
  get figures(): Record<string, number> {
    const byCode = [...this.outcomes].toSorted(([a], [b]) => a.localeCompare(b));
    const { ok = 0, ...errors } = Object.fromEntries(byCode);
    return { sent: this.sent, ok, ...errors, "ended twice": this.twice, hung: this.open.size };
  }

  private end(entry: Entry, outcome: string, error?: unknown): void {
    const { what, deadlineAt, mustSucceed } = entry;
    if (entry.outcome !== undefined) return this.reportTwice(what);
    entry.outcome = outcome;
    this.open.delete(entry);
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    if (outcome !== "ok" && !isErrorCode(outcome)) this.report(`${what} ended with ${outcome}`);
    if (mustSucceed && outcome !== "ok")
      this.report(
        `${what} had to succeed: ${outcome}, attempt ${(error as MeshError).attempt}: ${messageOf(error)}`,
      );
    const lateMs = this.now() - deadlineAt - this.slackMs;
    if (lateMs > 0) this.report(`${what} ended ${Math.round(lateMs)} ms too late`);
  }
}
