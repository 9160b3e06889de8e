import type { Clock } from "../clock.ts";
import { MeshError } from "../errors.ts";
import type { Subjects } from "../protocol/subjects.ts";
import type { Holding, Keeper, SessionSeeker, StoredSession } from "./keeper.ts";
import { sessionPlace } from "./place.ts";
import { passed } from "../within.ts";
import { packSession, unpackSession } from "./stored.ts";
import { addressed } from "../transport/addressed.ts";
import type { Bucket, Entry } from "../transport/store.ts";
import type { Message, Subscription, Transport } from "../transport/transport.ts";
import type { Desk } from "../transport/desk.ts";
import type { Shelf } from "../transport/shelf.ts";
import { Asking } from "./asking.ts";
import { BucketHolding, type Moment } from "./bucket-holding.ts";
import { packWord, wantIn } from "./word.ts";
import { Wanters } from "./wanters.ts";

/** A copy of the bucket may be behind by so much, and that often. */
const BEHIND_MS = 5;
const MOST_BEHIND = 100;

/** A session that is had soon. */
interface Coming {
  /** Who wants it then. */
  readonly wanters: Wanters;
  /** The replica that is asked for it now. */
  asks: string | undefined;
}

export interface KeeperParts {
  readonly shelf: Shelf;
  readonly transport: Transport;
  readonly subjects: Subjects;
  readonly desk: Desk;
  readonly clock: Clock;
  readonly agent: string;
  /** Who has what is had here. */
  readonly owner: string;
  readonly ttlMs: number;
}

/**
 * The sessions of an agent, in a bucket where each has the name of the replica that has it. Whoever has one may write it,
 * and writes nothing but what follows what it has read: so the bucket itself tells who has lost one.
 *
 * SE3: of several replicas that believe they have a session at most one can store anything: the others are told.
 * SE4: one whose replica is gone is had at once; one whose replica says nothing, after 3 s.
 */
export class BucketKeeper implements Keeper {
  private readonly parts: KeeperParts;
  private readonly held = new Map<string, BucketHolding>();
  /** Those that are had soon. */
  private readonly coming = new Map<string, Coming>();
  private subscription: Subscription | undefined;
  private readonly stopStatus: () => void;
  private breaks = 0;

  constructor(parts: KeeperParts) {
    this.parts = parts;
    this.stopStatus = parts.transport.onStatus(({ type }) => {
      if (type === "disconnected") this.breaks++;
    });
  }

  /** From now on others may ask for what is had here. */
  open(): void {
    const { transport, subjects, owner } = this.parts;
    const subject = subjects.session(owner);
    this.subscription = transport.subscribe(
      subject,
      addressed(subject, (message) => this.hear(message)),
    );
  }

  close(): void {
    this.subscription?.unsubscribe();
    this.stopStatus();
    for (const holding of this.held.values()) holding.drop();
  }

  async obtain(id: string, seeker: SessionSeeker): Promise<Holding | undefined> {
    const coming: Coming = { wanters: new Wanters(this.parts.clock, this.parts.transport), asks: undefined };
    this.coming.set(id, coming);
    let holding: BucketHolding | undefined;
    try {
      holding = await this.find(id, seeker, coming);
      return holding;
    } catch (error) {
      // The bucket may be gone.
      this.parts.shelf.forget();
      throw error;
    } finally {
      this.coming.delete(id);
      if (!holding) coming.wanters.tellAll("look");
    }
  }

  private async find(id: string, seeker: SessionSeeker, coming: Coming): Promise<BucketHolding | undefined> {
    const { agent, owner, subjects, clock } = this.parts;
    const { wanters } = coming;
    const bucket = await this.parts.shelf.bucket();
    const place = sessionPlace(agent, id);
    let given: number | undefined;
    let tries = 0;
    while (seeker.isWanted) {
      const moment = this.moment();
      const entry = await bucket.get(place);
      const stored = entry && unpackSession(entry.value);
      if (entry && !stored)
        throw new MeshError("internal", `session "${id}" is stored in a form that this version cannot read.`);
      if (entry && stored && stored.owner === owner && entry.revision === given)
        return this.hold(id, bucket, wanters, stored, entry.revision, moment);
      if (given !== undefined && (entry?.revision ?? 0) < given && tries++ < MOST_BEHIND) {
        // Whoever answered has not heard of it yet.
        await passed(clock, BEHIND_MS);
        continue;
      }
      if (stored && stored.owner !== owner) {
        coming.asks = stored.owner;
        const answer = await Asking.until(
          this.parts,
          subjects.session(stored.owner),
          { id, from: owner },
          seeker,
        );
        if (answer === "busy") throw new MeshError("conflict", `session "${id}" is being worked on.`);
        if (answer === "abandoned") return undefined;
        coming.asks = undefined;
        given = typeof answer === "number" ? answer : undefined;
        if (given !== undefined || answer === "look") continue;
      }
      const holding = await this.take(id, bucket, wanters, entry, stored);
      if (holding) return holding;
    }
    return undefined;
  }

  /** Undefined when another was faster. */
  private async take(
    id: string,
    bucket: Bucket,
    wanters: Wanters,
    entry: Entry | undefined,
    stored: StoredSession | undefined,
  ): Promise<BucketHolding | undefined> {
    const { agent, owner, ttlMs, transport } = this.parts;
    const now = transport.store.now();
    const moment = this.moment();
    const session: StoredSession = {
      ...(stored ?? { state: undefined, changes: 0, since: now, renewedAt: now }),
      owner,
    };
    const revision = await bucket.swap(sessionPlace(agent, id), packSession(session), entry?.revision ?? 0, {
      ttlMs,
    });
    return revision === undefined ? undefined : this.hold(id, bucket, wanters, session, revision, moment);
  }

  private hold(
    id: string,
    bucket: Bucket,
    wanters: Wanters,
    stored: StoredSession,
    revision: number,
    moment: Moment,
  ): BucketHolding {
    const { clock, agent, owner, ttlMs, transport } = this.parts;
    const holding: BucketHolding = new BucketHolding(
      {
        bucket,
        clock,
        now: () => transport.store.now(),
        place: sessionPlace(agent, id),
        ttlMs,
        owner,
        wanters,
        breaks: () => this.breaks,
        onDropped: () => {
          if (this.held.get(id) === holding) this.held.delete(id);
        },
      },
      stored,
      revision,
      moment,
    );
    this.held.set(id, holding);
    return holding;
  }

  private moment(): Moment {
    return { at: this.parts.clock.now(), breaks: this.breaks };
  }

  private hear({ payload, reply }: Message): void {
    const want = wantIn(payload);
    if (!want || !reply) return;
    const { id, from, mayWait } = want;
    const holding = this.held.get(id);
    const coming = this.coming.get(id);
    // Both of two wait for the other: one of them has not heard that it has the session.
    if (coming && coming.asks === from) this.parts.transport.publish(reply, packWord({ said: "look" }));
    else if (!holding && !coming) this.parts.transport.publish(reply, packWord({ said: "free" }));
    else if (!mayWait && holding?.user?.isBusy !== false)
      this.parts.transport.publish(reply, packWord({ said: "busy" }));
    else if (holding) holding.want(from, reply);
    else coming?.wanters.add(from, reply);
  }
}
