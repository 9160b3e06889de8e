import type { Clock } from "../clock.ts";
import type { Holding, HoldingUser, StoredSession } from "./keeper.ts";
import { packSession } from "./stored.ts";
import type { Bucket } from "../transport/store.ts";
import type { Wanters } from "./wanters.ts";

/** A replica that is silent for three times as long loses what it has: it must not be sure of it for longer than this. */
const SURE_MS = 1_000;
/** Of its time to live. */
const AGING = 0.25;

export interface HoldingParts {
  readonly bucket: Bucket;
  readonly clock: Clock;
  readonly place: string;
  readonly ttlMs: number;
  readonly owner: string;
  readonly wanters: Wanters;
  /** How often the connection has been lost. */
  readonly breaks: () => number;
  readonly onDropped: () => void;
}

/** A session of which the bucket says that it is here. */
export class BucketHolding implements Holding {
  stored: StoredSession;
  user: HoldingUser | undefined;
  private readonly parts: HoldingParts;
  private revision: number;
  private knownAt = 0;
  private knownBreaks = 0;
  private storedAt: number;

  constructor(parts: HoldingParts, stored: StoredSession, revision: number) {
    this.parts = parts;
    this.stored = stored;
    this.revision = revision;
    this.storedAt = parts.clock.now();
    this.known();
  }

  get isWanted(): boolean {
    return this.parts.wanters.first !== undefined;
  }

  get isSure(): boolean {
    const { clock, breaks } = this.parts;
    return clock.now() - this.knownAt < SURE_MS && breaks() === this.knownBreaks;
  }

  get isAging(): boolean {
    const { clock, ttlMs } = this.parts;
    return clock.now() - this.storedAt > AGING * ttlMs;
  }

  /** Another replica wants it. @param reply where it hears */
  want(replica: string, reply: string): void {
    if (this.parts.wanters.add(replica, reply)) this.user?.wanted();
  }

  async confirm(): Promise<boolean> {
    const { bucket, place } = this.parts;
    const entry = await bucket.get(place);
    if ((entry?.revision ?? 0) !== this.revision) return false;
    this.known();
    return true;
  }

  async store(state: Uint8Array | undefined): Promise<boolean> {
    const { changes } = this.stored;
    return this.write({ ...this.stored, state, changes: changes + 1 });
  }

  async clear(): Promise<boolean> {
    const { bucket, place } = this.parts;
    return bucket.delete(place, this.revision);
  }

  async pass(): Promise<void> {
    const { wanters } = this.parts;
    const next = wanters.first;
    if (!next) return;
    let isPassed = false;
    try {
      isPassed = await this.write({ ...this.stored, owner: next.replica });
    } catch {
      // They find out for themselves.
    }
    if (isPassed) wanters.tell(next, this.revision);
  }

  drop(): void {
    this.parts.wanters.tellAll("look");
    this.parts.onDropped();
  }

  private async write(session: StoredSession): Promise<boolean> {
    const { bucket, place, ttlMs, clock } = this.parts;
    const revision = await bucket.swap(place, packSession(session), this.revision, { ttlMs });
    if (revision === undefined) return false;
    this.revision = revision;
    this.stored = session;
    this.storedAt = clock.now();
    this.known();
    return true;
  }

  private known(): void {
    this.knownAt = this.parts.clock.now();
    this.knownBreaks = this.parts.breaks();
  }
}
