import type { Clock } from "../clock.ts";
import type { Bucket } from "../transport/store.ts";
import type { Holding, HoldingUser, StoredSession } from "./keeper.ts";
import { packSession, unpackSession } from "./stored.ts";
import type { Wanters } from "./wanters.ts";

/** A replica that is silent for three times as long loses what it has: it must not be sure of it for longer than this. */
const SURE_MS = 1_000;
/** Of its time to live. */
const AGING = 0.25;

export interface HoldingParts {
  readonly bucket: Bucket;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly place: string;
  readonly ttlMs: number;
  readonly owner: string;
  readonly wanters: Wanters;
  /** How often the connection has been lost. */
  readonly breaks: () => number;
  readonly onDropped: () => void;
}

/** When something was asked. */
export interface Moment {
  readonly at: number;
  readonly breaks: number;
}

/** A session of which the bucket says that it is here. */
export class BucketHolding implements Holding {
  stored: StoredSession;
  user: HoldingUser | undefined;
  private readonly parts: HoldingParts;
  private revision: number;
  /** When the question was asked that was last answered: it is here. */
  private known: Moment;
  /** Writes follow one another. */
  private written: Promise<unknown> = Promise.resolve();

  /** @param known when the bucket was asked that has said so */
  constructor(parts: HoldingParts, stored: StoredSession, revision: number, known: Moment) {
    this.parts = parts;
    this.stored = stored;
    this.revision = revision;
    this.known = known;
  }

  get isWanted(): boolean {
    return this.parts.wanters.first !== undefined;
  }

  get isSure(): boolean {
    const { at, breaks } = this.moment();
    return at - this.known.at < SURE_MS && breaks === this.known.breaks;
  }

  get isAging(): boolean {
    const { now, ttlMs } = this.parts;
    return now() - this.stored.renewedAt > AGING * ttlMs;
  }

  /** Another replica wants it. @param reply where it hears */
  want(replica: string, reply: string): void {
    if (this.parts.wanters.add(replica, reply)) this.user?.wanted();
  }

  async confirm(): Promise<boolean> {
    const { bucket, place, owner } = this.parts;
    const moment = this.moment();
    const entry = await bucket.get(place);
    if (entry?.revision !== this.revision || unpackSession(entry.value)?.owner !== owner) return false;
    this.known = moment;
    return true;
  }

  renew(): Promise<boolean> {
    return this.write(() => ({ ...this.stored, renewedAt: this.parts.now() }));
  }

  store(state: Uint8Array | undefined): Promise<boolean> {
    return this.write(() => ({ ...this.stored, state, changes: this.stored.changes + 1 }));
  }

  clear(): Promise<boolean> {
    const { bucket, place } = this.parts;
    return this.after(() => bucket.delete(place, this.revision));
  }

  async pass(): Promise<void> {
    const { wanters } = this.parts;
    const next = wanters.first;
    if (!next) return;
    try {
      if (await this.write(() => ({ ...this.stored, owner: next.replica })))
        wanters.tell(next, this.revision);
    } catch {
      // They find out for themselves.
    }
  }

  drop(): void {
    this.parts.wanters.tellAll("look");
    this.parts.onDropped();
  }

  private write(change: () => StoredSession): Promise<boolean> {
    return this.after(async () => {
      const { bucket, place, ttlMs } = this.parts;
      const moment = this.moment();
      const session = change();
      const revision = await bucket.swap(place, packSession(session), this.revision, { ttlMs });
      if (revision === undefined) return false;
      this.revision = revision;
      this.stored = session;
      this.known = moment;
      return true;
    });
  }

  private after<T>(step: () => Promise<T>): Promise<T> {
    const done = this.written.then(step);
    this.written = done.catch(() => {});
    return done;
  }

  private moment(): Moment {
    const { clock, breaks } = this.parts;
    return { at: clock.now(), breaks: breaks() };
  }
}
