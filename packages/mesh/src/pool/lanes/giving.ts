import type { Actor } from "../../actor/actor.ts";
import { leaving } from "../../actor/refusals.ts";
import type { Clock } from "../../clock.ts";
import type { Transport } from "../../transport/transport.ts";
import { packed } from "./parcel.ts";
import type { Cause } from "./lane.ts";
import type { Shipments } from "./shipments.ts";
import type { Voice } from "./voice.ts";
import type { Peer } from "./word.ts";

/** A claim gets as many requests as keep its slots busy for so long. */
const ENOUGH_MS = 5;
const MOST_AT_ONCE = 32;
/** A request that goes round stays where it is. */
const MAX_MOVES = 16;
/** What a `give` takes beside the request itself, at most: where that does not fit, the request stays. */
const WRAPPING_BYTES = 4_096;
/** What waits is sent to its gatherer unasked for so long. */
export const UNASKED_MS = 100;

export interface GivingParts {
  readonly actor: Actor;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly voice: Voice;
  readonly shipments: Shipments;
}

/** To whom a request goes, and what for. */
export interface Gift {
  readonly to: Peer;
  /** There is a slot for it. */
  readonly free: boolean;
  readonly cause: Cause;
  /** Whoever gives is leaving: what it holds may go anywhere. */
  readonly isLast: boolean;
}

/** Moves requests that wait here to other replicas. */
export class Giving {
  /** Requests that have moved, and those of them that others came for. */
  count = 0;
  stolen = 0;
  private readonly parts: GivingParts;
  /** Since when it is known that another gathers what waits. */
  private gathererSince = -Infinity;

  constructor(parts: GivingParts) {
    this.parts = parts;
  }

  /** Gives one request, or as many short ones as are worth the way. False when none may go there. */
  give(gift: Gift): boolean {
    const { actor, clock } = this.parts;
    const { free, cause } = gift;
    const isUnasked = cause === "gathered";
    const { meanMs } = actor.outlook;
    const now = clock.now();
    // It may gather no more, or be gone.
    if (isUnasked && now - this.gathererSince > UNASKED_MS) return false;
    const most = free && meanMs > 0 ? Math.ceil(ENOUGH_MS / meanMs) : 1;
    const count = Math.max(1, Math.min(most, MOST_AT_ONCE, actor.waiting >> 1));
    for (let given = 0; given < count; given++)
      if (!this.giveOne(gift, isUnasked || given > 0)) return given > 0;
    if (!free && !isUnasked) this.gathererSince = now;
    return true;
  }

  private giveOne({ to, free, cause, isLast }: Gift, isUnasked: boolean): boolean {
    const { actor, transport, voice, shipments } = this.parts;
    // What would wait for a connection may as well start here meanwhile.
    if (transport.status !== "connected") return false;
    const most = free || isLast ? MAX_MOVES : 1;
    const job = actor.surrender(
      ({ inbound }) =>
        inbound.mayMove?.(to.replica) === true &&
        (inbound.moves ?? 0) < most &&
        (inbound.size ?? 0) + WRAPPING_BYTES < transport.maxPayload,
    );
    const parcel = job?.inbound.parcel?.(job.remainingMs);
    if (!job || !parcel) return false;
    const body = packed(parcel, job.waitedMs);
    try {
      voice.give(to, body, isUnasked, shipments.send(body));
    } catch (error) {
      // It has not left, and it is in nobody's hands: another may take it.
      job.inbound.error(leaving(actor.name), false);
      job.inbound.closed();
      throw error;
    }
    this.count++;
    if (cause === "stolen") this.stolen++;
    // In this order: should the connection break between the two, the request is not lost.
    job.movedTo(to.replica);
    return true;
  }
}
