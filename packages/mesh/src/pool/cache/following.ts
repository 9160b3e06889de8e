import type { ClaimNote, SharedEntry } from "../../cache/entry.ts";
import type { Seeker } from "../../cache/tier.ts";
import type { Clock } from "../../clock.ts";
import type { Message, Transport } from "../../transport/transport.ts";
import type { Desk } from "../../transport/desk.ts";
import { toldIn, waitsFor } from "./waiting-word.ts";

/** How often those that wait say so: a holder that has died is noticed then at the latest. */
const SAY_MS = 500;

export interface FollowingParts {
  readonly transport: Transport;
  readonly desk: Desk;
  readonly clock: Clock;
}

/** How the work of another replica has ended; `look`: that is to be seen; `dead`: its process is gone. */
export type Followed = Made | "look" | "dead" | "abandoned";
export type Made = Extract<SharedEntry, { outcome: object }>;

/**
 * Waits for what another replica works on. It tells that one so, with the time of those that wait: the work is not given
 * up while there are any. By the same way it learns at once that the other's process is gone.
 */
export class Following {
  private readonly parts: FollowingParts;
  private readonly claim: ClaimNote;
  private readonly seeker: Seeker;
  private readonly reply: string;
  private readonly done: (followed: Followed) => void;
  private stopSaying: (() => void) | undefined;
  private isSilent = false;
  /** By the clock. */
  private saidUntil = -Infinity;
  private isOver = false;

  private constructor(
    parts: FollowingParts,
    claim: ClaimNote,
    seeker: Seeker,
    done: (followed: Followed) => void,
  ) {
    this.parts = parts;
    this.claim = claim;
    this.seeker = seeker;
    this.done = done;
    this.reply = parts.desk.open((message) => this.hear(message));
    seeker.onChanged = () => this.changed();
    this.sayAgain();
  }

  /** Never rejects. */
  static until(parts: FollowingParts, claim: ClaimNote, seeker: Seeker): Promise<Followed> {
    return new Promise((resolve) => new Following(parts, claim, seeker, resolve));
  }

  private hear({ payload, noResponders }: Message): void {
    if (noResponders) return this.end("dead");
    const told = toldIn(payload);
    if (told === "look") return this.end("look");
    if (told !== undefined && told !== "works" && "outcome" in told) return this.end(told);
    this.isSilent = false;
  }

  private changed(): void {
    const { expiresAt } = this.seeker;
    if (expiresAt <= this.parts.clock.now()) this.end("abandoned");
    else if (expiresAt > this.saidUntil) this.say();
  }

  private sayAgain(): void {
    const { clock } = this.parts;
    if (this.seeker.expiresAt <= clock.now()) return this.end("abandoned");
    // What it said last may be lost, or the other may be stopped: what is kept tells.
    if (this.isSilent) return this.end("look");
    this.isSilent = true;
    this.say();
    this.stopSaying = clock.after(SAY_MS, () => this.sayAgain());
  }

  private say(): void {
    if (this.isOver) return;
    this.saidUntil = this.seeker.expiresAt;
    this.publish(Math.max(0, this.saidUntil - this.parts.clock.now()));
  }

  private publish(waitMs: number): void {
    try {
      this.parts.transport.publish(this.claim.inbox, waitsFor(waitMs), { reply: this.reply });
    } catch {
      // The connection is closed, or too much waits: it says so again.
    }
  }

  private end(followed: Followed): void {
    if (this.isOver) return;
    this.isOver = true;
    this.stopSaying?.();
    this.seeker.onChanged = undefined;
    if (followed === "abandoned") this.publish(0);
    this.parts.desk.close(this.reply);
    this.done(followed);
  }
}
