import { packClaim } from "../../cache/entry.ts";
import type { Outcome } from "../../cache/outcome.ts";
import type { Claim } from "../../cache/tier.ts";
import type { Clock } from "../../clock.ts";
import type { Bucket } from "../../transport/store.ts";
import type { Message, Transport } from "../../transport/transport.ts";
import type { Desk } from "../../transport/desk.ts";
import { LOOK, WORKS, tells, waitMsIn } from "./waiting-word.ts";

/** A claim whose holder has died lapses after this, should nobody notice it before. */
const CLAIM_MS = 5_000;
const RENEW_MS = 1_500;
/** Entries live for a second at least. */
const LEAST_TTL_MS = 1_000;
/** What a bucket writes beside a value, at most. */
const HEADERS_BYTES = 1_024;

export interface ClaimParts {
  readonly bucket: Bucket;
  readonly transport: Transport;
  readonly desk: Desk;
  readonly clock: Clock;
  readonly replica: string;
}

/**
 * An entry that says who works on an answer, in the place of that answer. It is renewed while the work runs.
 *
 * K18: the answer takes the place of the claim, and of nothing else: where that has been cleared, or another has taken it
 *     over, the answer is not kept.
 */
export class BucketClaim implements Claim {
  onChanged: (() => void) | undefined;
  private readonly parts: ClaimParts;
  private readonly place: string;
  private readonly inbox: string;
  /** Of the entry, as it was last written; 0 when it is lost. */
  private revision = 0;
  /** Those that wait in other replicas: where they hear of it, and until when. */
  private readonly waiting = new Map<string, number>();
  private stopRenewing: (() => void) | undefined;
  /** Writes to the entry follow one another. */
  private written: Promise<void> = Promise.resolve();
  /** What is said to those that ask; undefined while it is worked on. */
  private lastWord: Uint8Array | undefined;

  constructor(parts: ClaimParts, place: string) {
    this.parts = parts;
    this.place = place;
    this.inbox = parts.desk.open((message) => this.hear(message));
  }

  /** False when another was faster. @param revision of what it takes the place of; 0 for nothing @throws MeshError as a bucket does */
  async take(revision: number): Promise<boolean> {
    try {
      const taken = await this.write(revision);
      if (taken !== undefined) {
        this.revision = taken;
        this.renewLater();
        return true;
      }
    } catch (error) {
      this.parts.desk.close(this.inbox);
      throw error;
    }
    this.parts.desk.close(this.inbox);
    return false;
  }

  get expiresAt(): number {
    let latest = -Infinity;
    for (const expiresAt of this.waiting.values()) latest = Math.max(latest, expiresAt);
    return latest;
  }

  settle(outcome: Outcome, ageMs: number, isKept: boolean): void {
    const word = tells(outcome, ageMs);
    // Each replica makes for itself what is too large to be told.
    if (word.length + HEADERS_BYTES > this.parts.transport.maxPayload) return this.release();
    this.end(word);
    if (!isKept) return this.giveUp();
    const ttlMs = Math.max(LEAST_TTL_MS, Math.ceil(outcome.ttlMs + outcome.staleMs));
    this.after(async (revision) => {
      // K18
      await this.parts.bucket.swap(this.place, word, revision, { ttlMs });
    });
  }

  release(): void {
    this.giveUp();
    // Those that wait find nothing there, and one of them takes it up.
    void this.written.then(() => this.end(LOOK));
  }

  private giveUp(): void {
    this.after(async (revision) => {
      await this.parts.bucket.delete(this.place, revision);
    });
  }

  private end(word: Uint8Array): void {
    if (this.lastWord) return;
    this.lastWord = word;
    this.stopRenewing?.();
    for (const reply of this.waiting.keys()) this.say(reply, word);
    this.waiting.clear();
    // The subject lingers, and must not keep the request that it was for.
    this.onChanged = undefined;
    // Whoever begins to wait just now is told as well.
    this.parts.desk.closeLater(this.inbox);
  }

  /** Once what was written before is there. What fails lapses. */
  private after(write: (revision: number) => Promise<void>): void {
    this.stopRenewing?.();
    this.written = this.written.then(async () => {
      const { revision } = this;
      this.revision = 0;
      if (revision > 0) await write(revision).catch(() => {});
    });
  }

  private hear({ payload, reply, noResponders }: Message): void {
    // One that waited is gone.
    const waitMs = noResponders ? undefined : waitMsIn(payload);
    if (waitMs === undefined || !reply) return;
    if (this.lastWord) return this.say(reply, this.lastWord);
    if (waitMs > 0) {
      this.waiting.set(reply, this.parts.clock.now() + waitMs);
      this.say(reply, WORKS);
    } else this.waiting.delete(reply);
    this.onChanged?.();
  }

  private say(reply: string, word: Uint8Array): void {
    try {
      this.parts.transport.publish(reply, word);
    } catch {
      // The connection is closed: they find out by themselves.
    }
  }

  private renewLater(): void {
    this.stopRenewing = this.parts.clock.after(RENEW_MS, () => {
      this.renewLater();
      this.written = this.written.then(() => this.renew());
    });
  }

  private async renew(): Promise<void> {
    if (this.revision === 0) return;
    try {
      // K18: undefined when it is lost.
      this.revision = (await this.write(this.revision)) ?? 0;
    } catch {
      // It is renewed the next time, or lapses.
    }
  }

  private write(revision: number): Promise<number | undefined> {
    const { bucket, replica } = this.parts;
    const note = packClaim({ holder: replica, inbox: this.inbox });
    return bucket.swap(this.place, note, revision, { ttlMs: CLAIM_MS });
  }
}
