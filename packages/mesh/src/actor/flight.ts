import type { Claim, Seeker } from "../cache/tier.ts";
import type { KeptAnswer } from "../contract/context.ts";
import { MeshError } from "../errors.ts";
import type { ReplyMetadata } from "../protocol/metadata.ts";
import type { Priority } from "../protocol/priority.ts";
import type { Trace } from "../protocol/trace.ts";
import type { ChunkSink, Inbound, Parcel, Work } from "./inbound.ts";
import type { Job } from "./job.ts";

/** Whoever looks after flights. */
export interface Tower {
  now(): number;
  /** What there is of an earlier flight. */
  keptOf(flight: Flight): KeptAnswer | undefined;
  landed(flight: Flight, value: unknown, metadata: ReplyMetadata | undefined): void;
  crashed(flight: Flight, error: MeshError, hasBegun: boolean): void;
  /** Another replica has the one request that waited for it. */
  left(flight: Flight, lead: Job): void;
}

/**
 * Work that several equal requests wait for. To the actor it is one request like any other, in the name of the first of
 * them: it waits for a slot, and its handler runs once. It has the time of whoever waits longest.
 */
export class Flight implements Inbound, Seeker {
  readonly from = 0;
  /** Of the answer. */
  readonly key: string;
  /** The input, checked. */
  readonly value: unknown;
  readonly waiters: Set<Job> = new Set();
  /** Nobody waits: it makes a new answer for one that was given already. */
  readonly wantsFresh: boolean;
  readonly waitedMs: number;
  /** Undefined until it has a place in the actor. */
  job: Job | undefined;
  onChanged: (() => void) | undefined;
  /** What it gives is not to be kept. */
  isCleared = false;
  readonly clearedTags: Set<string> = new Set();
  isOver = false;
  private readonly tower: Tower;
  private readonly lead: Job;
  /** Until when it goes on although nobody waits. */
  private readonly ownUntil: number;
  /** When the last of those that have waited here gives up. */
  private latest = -Infinity;
  private held: Claim | undefined;

  /** @param ownMs milliseconds that it has although nobody waits; 0 for one that ends with the last that waits */
  constructor(tower: Tower, key: string, value: unknown, lead: Job, ownMs: number) {
    this.tower = tower;
    this.key = key;
    this.value = value;
    this.lead = lead;
    this.wantsFresh = ownMs > 0;
    this.waitedMs = lead.inbound.waitedMs ?? 0;
    this.ownUntil = ownMs > 0 ? tower.now() + ownMs : -Infinity;
  }

  /** When the last of those that wait gives up. */
  get expiresAt(): number {
    const here = this.waiters.size > 0 ? this.latest : -Infinity;
    return Math.max(here, this.ownUntil, this.held?.expiresAt ?? -Infinity);
  }

  /** Set when this replica alone may make it. */
  get claim(): Claim | undefined {
    return this.held;
  }

  set claim(claim: Claim | undefined) {
    this.held = claim;
    if (claim) claim.onChanged = () => this.changed();
  }

  join(job: Job): void {
    this.waiters.add(job);
    job.flight = this;
    this.extend(job);
  }

  /** One that waits has more time. */
  extend({ expiresAt }: Job): void {
    if (expiresAt <= this.latest) return;
    this.latest = expiresAt;
    this.changed();
  }

  /** One that waited has ended. With the last one the work is given up. */
  leave(job: Job): void {
    if (this.waiters.delete(job) && this.waiters.size === 0) this.changed();
  }

  private changed(): void {
    if (this.isOver) return;
    const { expiresAt, job } = this;
    this.onChanged?.();
    if (!job || job.ended) return;
    // K11
    if (expiresAt > this.tower.now()) job.expireAt(expiresAt);
    else job.cancel(new MeshError("cancelled", `nobody waits for ${job.method.target} any more.`));
  }

  // A request in the name of the first.

  get remainingMs(): number {
    return this.expiresAt - this.tower.now();
  }

  get attempt(): number {
    return this.lead.inbound.attempt;
  }

  get chain(): readonly string[] {
    return this.lead.inbound.chain;
  }

  get idempotencyKey(): string | undefined {
    return this.lead.inbound.idempotencyKey;
  }

  get trace(): Trace | undefined {
    return this.lead.inbound.trace;
  }

  get retries(): number | undefined {
    return this.lead.inbound.retries;
  }

  get tokens(): number | undefined {
    return this.lead.inbound.tokens;
  }

  get undegraded(): boolean {
    return this.lead.inbound.undegraded;
  }

  get priority(): Priority {
    return this.wantsFresh ? "low" : this.lead.inbound.priority;
  }

  get sender(): string {
    return this.lead.inbound.sender;
  }

  get id(): string {
    return this.lead.inbound.id;
  }

  get size(): number {
    return this.lead.bytes;
  }

  get moves(): number {
    return this.lead.inbound.moves ?? 0;
  }

  get isOwed(): boolean {
    return this.lead.inbound.isOwed ?? false;
  }

  /** While one alone waits, here and elsewhere, its request may as well be worked on by another replica. */
  mayMove(to: string): boolean {
    const isAlone = this.waiters.size === 1 && this.waiters.has(this.lead);
    const isWanted = (this.held?.expiresAt ?? -Infinity) > this.tower.now();
    return isAlone && !isWanted && this.lead.inbound.mayMove?.(to) === true;
  }

  parcel(remainingMs: number): Parcel {
    // `mayMove` has said so.
    return (this.lead.inbound.parcel as (remainingMs: number) => Parcel)(remainingMs);
  }

  moved(to: string): void {
    this.isOver = true;
    this.lead.leave();
    this.tower.left(this, this.lead);
    this.lead.inbound.moved?.(to);
  }

  input(): unknown {
    return this.value;
  }

  progress(value: unknown): void {
    this.lead.inbound.progress?.(value);
  }

  kept(): KeptAnswer | undefined {
    return this.tower.keptOf(this);
  }

  /** Those that wait tell their callers themselves. */
  accepted(): void {}

  result(value: unknown, { metadata }: Work): undefined {
    this.isOver = true;
    this.tower.landed(this, value, metadata);
  }

  openStream(): ChunkSink {
    throw new MeshError("internal", "a stream is not cached.");
  }

  error(error: MeshError, hasBegun: boolean): void {
    this.isOver = true;
    this.tower.crashed(this, error, hasBegun);
  }

  closed(): void {}
}
