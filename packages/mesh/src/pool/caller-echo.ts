import type { Desk } from "../transport/desk.ts";

/** Messages in a row that reach nobody: a caller that has only lost its connection is back before that. */
const MOST_MISSED = 5;

/**
 * Whether a caller listens still: NATS says so of each message to it that has a reply subject of ours and reaches nobody.
 *
 * AK7: a request whose caller is gone does not wait for an answer: it is given up after five such messages in a row.
 */
export class CallerEcho {
  private readonly desk: Desk;
  private readonly onGone: () => void;
  private subject: string | undefined;
  private missed = 0;
  private hasMissed = false;

  constructor(desk: Desk, onGone: () => void) {
    this.desk = desk;
    this.onGone = onGone;
  }

  /** The reply subject of the next message. */
  next(): string {
    if (!this.hasMissed) this.missed = 0;
    this.hasMissed = false;
    return (this.subject ??= this.desk.open(({ noResponders }) => {
      if (!noResponders) return;
      this.hasMissed = true;
      // AK7
      if (++this.missed >= MOST_MISSED) this.onGone();
    }));
  }

  close(): void {
    if (this.subject !== undefined) this.desk.close(this.subject);
  }
}
