import { type Actor, SLOW_MS } from "../../actor/actor.ts";
import { leaving } from "../../actor/refusals.ts";
import type { Sharing } from "../../actor/sharing.ts";
import type { Clock } from "../../clock.ts";
import { messageOf } from "../../errors.ts";
import { within } from "../../within.ts";
import { Kind } from "../../protocol/frame.ts";
import type { Subjects } from "../../protocol/subjects.ts";
import type { Message, Subscription, Transport } from "../../transport/transport.ts";
import type { Desk } from "./desk.ts";
import { type Berth, Lane, type LaneName, type LanePort } from "./lane.ts";
import { type Arrival, packed, unpacked } from "./parcel.ts";
import { Shipments } from "./shipments.ts";
import { Voice } from "./voice.ts";
import { type Peer, wordOf } from "./word.ts";

/** Queue group of both lanes: the subject tells them apart. */
const LANE_GROUP = "lane";
/** A request that has waited for so long is offered however fast its handler is. */
const LONG_WAIT_MS = 20;
/** How long before a slot is free others are asked for work: about what it takes to get it. */
const AHEAD_MS = 1.5;
const RETRY_MS = 100;
/** What a replica that leaves has claimed may take so long, for instance where the other's event loop is held. */
const OWED_MS = 2_000;
/** A claim gets as many requests as keep its slots busy for so long. */
const ENOUGH_MS = 5;
const MOST_AT_ONCE = 32;
/** A request that goes round stays where it is. */
const MAX_MOVES = 16;
/** What a `give` takes beside the request itself, at most: where that does not fit, the request stays. */
const WRAPPING_BYTES = 4_096;

/** The lanes, and where those are asked that stay when a replica leaves. */
type Seat = LaneName | "last";

export interface PoolLaneParts {
  actor: Actor;
  transport: Transport;
  subjects: Subjects;
  clock: Clock;
  desk: Desk;
  /** Takes a request that another replica has given. */
  onArrival: (arrival: Arrival) => void;
}

/** A replica on the lanes of its pool: what a `Lane` decides, as messages. */
export class PoolLane implements Berth, LanePort<Peer>, Sharing {
  isLeaving = false;
  /** Requests that have moved to other replicas, and that have moved here. */
  readonly moved = { away: 0, here: 0 };
  private readonly parts: PoolLaneParts;
  private readonly lane: Lane<Peer>;
  private readonly members: Record<Seat, Subscription | undefined> = {
    idle: undefined,
    steal: undefined,
    last: undefined,
  };
  private readonly voice: Voice;
  private readonly shipments: Shipments;
  private offersAt = "";
  private claimsAt = "";
  private stopRetry: (() => void) | undefined;
  private stopForeseeing: (() => void) | undefined;
  private onSettled: (() => void) | undefined;
  /** When another last was told that what waits is gathered here. */
  private gatheredAt = -Infinity;
  /** Since when it is known that another gathers what waits. */
  private gathererSince = -Infinity;
  private isClosed = true;

  constructor(parts: PoolLaneParts) {
    this.parts = parts;
    this.lane = new Lane<Peer>(this, this);
    const { actor, transport, subjects } = parts;
    this.voice = new Voice(actor.name, actor.replica, transport, subjects);
    this.shipments = new Shipments(parts.desk, parts.clock, (arrival) => this.takeBack(arrival));
  }

  /** From now on it takes part. */
  open(): void {
    const { desk, actor } = this.parts;
    this.isClosed = false;
    this.offersAt = desk.open((message) => this.onAnswer(message));
    this.claimsAt = desk.open((message) => this.onGift(message));
    actor.sharing = this;
    this.join("last");
    this.update();
  }

  /** Gives away what waits, and takes nothing more. */
  leaving(): void {
    this.isLeaving = true;
    this.leave("last");
    this.act(() => this.lane.depart());
  }

  /** Resolves when nothing can be on its way here any more. */
  async settled(): Promise<void> {
    const { clock } = this.parts;
    // Others may send what waits there unasked, until they ask anew.
    const unaskedMs = this.gatheredAt + 2 * RETRY_MS - clock.now();
    if (unaskedMs > 0) await new Promise<void>((resolve) => clock.after(unaskedMs, resolve));
    if (this.lane.claims === 0 || this.isClosed) return;
    await within(clock, OWED_MS, new Promise<void>((resolve) => (this.onSettled = resolve)));
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.parts.actor.sharing = undefined;
    this.stopRetry?.();
    this.stopForeseeing?.();
    for (const lane of ["idle", "steal", "last"] as const) this.leave(lane);
    this.parts.desk.close(this.offersAt);
    // A request that comes all the same is answered: another may take it.
    this.parts.desk.closeLater(this.claimsAt);
    this.onSettled?.();
  }

  // What the lane sees.

  get free(): number {
    return this.parts.actor.freeSlots;
  }

  get waiting(): number {
    return this.parts.actor.waiting;
  }

  get isSlow(): boolean {
    const { actor } = this.parts;
    return actor.outlook.nextSlotMs >= SLOW_MS || actor.outlook.oldestMs >= LONG_WAIT_MS;
  }

  get hasRoom(): boolean {
    return this.parts.actor.outlook.hasRoom;
  }

  // What the actor tells.

  filled(): void {
    if (this.lane.isIdle || this.lane.isHot) this.update();
    this.foresee();
  }

  freed(): void {
    const { mayHaveMissed, isHolder, isIdle, isHot } = this.lane;
    if (mayHaveMissed || isHolder || !isIdle) this.update();
    if (isHot) this.foresee();
  }

  queued(): void {
    if (!this.lane.isHolder && this.isSlow) this.update();
  }

  lingered(): void {
    this.update();
  }

  // What the lane says.

  join(lane: Seat): void {
    const { transport, subjects, actor } = this.parts;
    const onMessage = (message: Message): void => this.onCall(lane, message);
    this.members[lane] = transport.subscribe(subjects[lane](actor.name), onMessage, { queue: LANE_GROUP });
  }

  leave(lane: Seat): void {
    const member = this.members[lane];
    this.members[lane] = undefined;
    // What is on its way here is answered still. One that is left while the connection is down would be made again.
    if (this.isConnected) void member?.drain();
    else member?.unsubscribe();
  }

  offer(): void {
    if (this.isConnected) this.voice.offer(this.isLeaving, this.offersAt);
  }

  claim(): void {
    if (this.isConnected) this.voice.claim(this.claimsAt);
  }

  take(to: Peer, free: boolean): void {
    if (!free) this.gatheredAt = this.parts.clock.now();
    this.voice.take(to, free, this.claimsAt);
  }

  pass(to: Peer): void {
    this.voice.pass(to);
  }

  give(to: Peer, free: boolean, isUnasked: boolean): boolean {
    const { actor, clock } = this.parts;
    const { waiting, outlook } = actor;
    const { meanMs } = outlook;
    const most = free && meanMs > 0 ? Math.ceil(ENOUGH_MS / meanMs) : 1;
    const count = Math.max(1, Math.min(most, MOST_AT_ONCE, waiting >> 1));
    const now = clock.now();
    // It may gather no more, or be gone.
    if (isUnasked && now - this.gathererSince > RETRY_MS) return false;
    for (let given = 0; given < count; given++)
      if (!this.giveOne(to, free, isUnasked || given > 0)) return given > 0;
    if (!free && !isUnasked) this.gathererSince = now;
    return true;
  }

  private giveOne(to: Peer, free: boolean, isUnasked: boolean): boolean {
    const { replica } = to;
    const { actor, transport } = this.parts;
    // What would wait for a connection may as well start here meanwhile.
    if (!this.isConnected) return false;
    const most = free || this.isLeaving ? MAX_MOVES : 1;
    const job = actor.surrender(
      ({ inbound }) =>
        inbound.mayMove?.(replica) === true &&
        (inbound.moves ?? 0) < most &&
        (inbound.size ?? 0) + WRAPPING_BYTES < transport.maxPayload,
    );
    const parcel = job?.inbound.parcel?.(job.remainingMs);
    if (!job || !parcel) return false;
    this.moved.away++;
    const body = packed(parcel, job.waitedMs);
    try {
      this.voice.give(to, body, isUnasked, this.shipments.send(body));
      // In this order: should the connection break between the two, the request is not lost.
      job.inbound.moved?.(replica);
    } catch (error) {
      // It has not left, and it is in nobody's hands.
      job.inbound.error(leaving(actor.name), false);
      job.inbound.closed();
      throw error;
    }
    return true;
  }

  /** NATS says that a request has not reached whom it was given to. */
  private takeBack(arrival: Arrival): void {
    this.lane.gatherer = undefined;
    this.parts.onArrival(arrival);
    this.update();
  }

  private get isConnected(): boolean {
    return this.parts.transport.status === "connected";
  }

  // What others say.

  private onCall(lane: Seat, message: Message): void {
    const word = wordOf(message);
    if (!word) return;
    const { kind, value, from } = word;
    // A queue group may choose whoever asks.
    if (from.replica === this.parts.actor.replica)
      return this.act(() => (lane === "steal" ? this.lane.onNothing(false) : this.lane.onRefused(false)));
    if (kind === Kind.offer) this.act(() => this.lane.onOffer(from, lane === "last"));
    else if (kind === Kind.claim) this.act(() => this.lane.onClaim(from, value > 0, false));
  }

  private onAnswer(message: Message): void {
    const word = message.noResponders ? undefined : wordOf(message);
    if (word?.kind === Kind.claim) this.act(() => this.lane.onClaim(word.from, word.value > 0, true));
    else this.act(() => this.lane.onRefused(message.noResponders));
  }

  private onGift(message: Message): void {
    const word = message.noResponders ? undefined : wordOf(message);
    const isUnasked = word !== undefined && word.value > 0;
    const arrival = word?.kind === Kind.give ? unpacked(word.body(), !isUnasked) : undefined;
    if (!arrival) return this.act(() => this.lane.onNothing(message.noResponders));
    this.moved.here++;
    this.lane.onGiven(isUnasked);
    this.parts.onArrival(arrival);
    this.update();
  }

  private update(): void {
    this.act(() => this.lane.update());
  }

  /** What cannot be said now, because the connection is down, is said again later. */
  private act(step: () => void): void {
    if (this.isClosed) return;
    try {
      step();
    } catch (error) {
      this.parts.actor.log.debug({ reason: messageOf(error) }, "a word to other replicas was not sent");
    }
    if (this.lane.claims === 0) this.onSettled?.();
    if (this.lane.isOpen) this.stopRetry ??= this.parts.clock.after(RETRY_MS, this.retry);
    else if (this.stopRetry) {
      this.stopRetry();
      this.stopRetry = undefined;
    }
  }

  private readonly retry = (): void => {
    this.stopRetry = undefined;
    if (this.lane.isOpen) this.act(() => this.lane.retry());
  };

  /** Asks for work a little before it is needed. */
  private foresee(): void {
    const { actor, clock } = this.parts;
    if (!this.lane.isHot || actor.waiting > 0 || this.stopForeseeing) return;
    const inMs = actor.outlook.foreseenMs - AHEAD_MS;
    if (!Number.isFinite(inMs) || inMs < 0) return;
    this.stopForeseeing = clock.after(inMs, () => {
      this.stopForeseeing = undefined;
      this.act(() => this.lane.foresee());
    });
  }
}
