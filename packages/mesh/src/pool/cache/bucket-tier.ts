import { unpackEntry } from "../../cache/entry.ts";
import type { Obtained, Seeker, Tier } from "../../cache/tier.ts";
import type { Clock } from "../../clock.ts";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import type { Bucket, Entry } from "../../transport/store.ts";
import type { Transport } from "../../transport/transport.ts";
import type { Desk } from "../../transport/desk.ts";
import { clockPlace } from "./answer-subjects.ts";
import { BucketClaim } from "./bucket-claim.ts";
import { Following, type Made } from "./following.ts";
import { ServerClock } from "./server-clock.ts";

/** How long the tier is left alone when it could not be reached. */
const RETRY_MS = 5_000;

export interface TierParts {
  readonly bucket: () => Promise<Bucket>;
  /** It may be gone: servers that have lost what they had in memory have it no more. */
  readonly onLost: () => void;
  readonly transport: Transport;
  readonly desk: Desk;
  readonly clock: Clock;
  readonly log: Logger;
  readonly replica: string;
  /** Where the answer of a key is kept. */
  readonly placeOf: (key: string) => string;
}

/**
 * Answers of a method as all replicas have them: in a bucket, where each key has either its answer or the claim of whoever
 * works on it.
 *
 * K16: a claim is taken by one, since a bucket lets one of several write. One whose holder's process is gone is taken over
 *     as soon as somebody waits for it, any other that is not renewed after 5 s.
 * K17: where the bucket cannot be used, each replica is on its own: no request fails for it.
 */
export class BucketTier implements Tier {
  private readonly parts: TierParts;
  private time: ServerClock | undefined;
  private aloneUntil = -Infinity;

  constructor(parts: TierParts) {
    this.parts = parts;
  }

  async obtain(key: string, seeker: Seeker): Promise<Obtained> {
    const { clock, transport } = this.parts;
    if (clock.now() < this.aloneUntil || transport.status !== "connected") return "alone";
    try {
      return await this.find(await this.parts.bucket(), this.parts.placeOf(key), seeker);
    } catch {
      // Its servers may have lost it since it was used last: then it is made again.
      return this.findAnew(key, seeker);
    }
  }

  private async findAnew(key: string, seeker: Seeker): Promise<Obtained> {
    const { clock, log } = this.parts;
    this.time = undefined;
    this.parts.onLost();
    try {
      return await this.find(await this.parts.bucket(), this.parts.placeOf(key), seeker);
    } catch (error) {
      // K17
      const isKnown = clock.now() < this.aloneUntil;
      this.aloneUntil = clock.now() + RETRY_MS;
      if (!isKnown)
        log.warn({ reason: messageOf(error) }, "answers are not shared with other replicas for now");
      this.parts.onLost();
      return "alone";
    }
  }

  private async find(bucket: Bucket, place: string, seeker: Seeker): Promise<Obtained> {
    const { clock } = this.parts;
    for (;;) {
      if (seeker.expiresAt <= clock.now()) return "abandoned";
      const written = await bucket.get(place);
      const entry = written && unpackEntry(written.value);
      const made = entry && "outcome" in entry ? entry : undefined;
      if (written && entry && "claim" in entry) {
        const followed = await Following.until(this.parts, entry.claim, seeker);
        if (followed === "abandoned") return "abandoned";
        if (followed === "dead") await bucket.delete(place, written.revision);
        else if (followed !== "look" && !(seeker.undegraded && followed.outcome.metadata?.degraded))
          return { ...followed, wasAwaited: true };
        continue;
      }
      const found = written && made && (await this.youngEnough(bucket, written, made, seeker));
      if (found) return found;
      const claim = new BucketClaim({ ...this.parts, bucket }, place);
      // K16
      if (await claim.take(written?.revision ?? 0)) return { claim };
    }
  }

  private async youngEnough(
    bucket: Bucket,
    { writtenAt }: Entry,
    entry: Made,
    { wantsFresh }: Seeker,
  ): Promise<Obtained | undefined> {
    const { clock, replica } = this.parts;
    const { outcome } = entry;
    this.time ??= new ServerClock(clock, bucket, clockPlace(replica));
    // K12
    const ageMs = Math.max(0, (await this.time.now()) - writtenAt) + entry.ageMs;
    const isYoung = ageMs < outcome.ttlMs + (wantsFresh ? 0 : outcome.staleMs);
    return isYoung ? { outcome, ageMs, wasAwaited: false } : undefined;
  }
}
