import { type Actor, SLOW_MS } from "../../actor/actor.ts";
import type { Sharing } from "../../actor/sharing.ts";
import type { Clock } from "../../clock.ts";
import { messageOf } from "../../errors.ts";
import { passed, within } from "../../within.ts";
import { Kind } from "../../protocol/frame.ts";
import type { MovedFigures } from "../../stats/figures.ts";
import type { Subjects } from "../../protocol/subjects.ts";
import type { Message, Transport } from "../../transport/transport.ts";
import type { Desk } from "../../transport/desk.ts";
import { Giving, UNASKED_MS } from "./giving.ts";
import { type Berth, type Cause, Lane, type LaneName, type LanePort } from "./lane.ts";
import { type Arrival, unpacked } from "./parcel.ts";
import { type Seat, Seats } from "./seats.ts";
import { Shipments } from "./shipments.ts";
import { Voice } from "./voice.ts";
import { type Peer, wordOf } from "./word.ts";

/** A request that has waited for so long is offered however fast its handler is. */
const LONG_WAIT_MS = 20;
/** How long before a slot is free others are asked for work: about what it takes to get it. */
const AHEAD_MS = 1.5;
const RETRY_MS = 100;
/** What a replica that leaves has claimed may take so long, for instance where the other's event loop is held. */
const OWED_MS = 2_000;
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
  private readonly parts: PoolLaneParts;
  private readonly lane: Lane<Peer>;
  private readonly voice: Voice;
  private readonly seats: Seats;
  private readonly giving: Giving;
  /** Requests that have moved here. */
  private taken = 0;
  private offersAt = "";
  private claimsAt = "";
  private stopRetry: (() => void) | undefined;
  private stopForeseeing: (() => void) | undefined;
  private onSettled: (() => void) | undefined;
  /** When another last was told that what waits is gathered here. */
  private gatheredAt = -Infinity;
  private isClosed = true;

  constructor(parts: PoolLaneParts) {
    this.parts = parts;
    this.lane = new Lane<Peer>(this, this);
    const { actor, transport, subjects, desk, clock } = parts;
    this.voice = new Voice(actor.name, actor.replica, transport, subjects);
    this.seats = new Seats(actor.name, transport, subjects, (seat, message) => this.onCall(seat, message));
    const shipments = new Shipments(desk, clock, (arrival) => this.takeBack(arrival));
    this.giving = new Giving({ ...parts, voice: this.voice, shipments });
  }

  get moved(): MovedFigures {
    const { count: away, stolen } = this.giving;
    return { away, stolen, here: this.taken };
  }

  /** From now on it takes part. */
  open(): void {
    const { desk } = this.parts;
    this.isClosed = false;
    this.offersAt = desk.open((message) => this.onAnswer(message));
    this.claimsAt = desk.open((message) => this.onGift(message));
    this.seats.join("last");
    this.update();
  }

  /** Gives away what waits, and takes nothing more. */
  leaving(): void {
    this.isLeaving = true;
    this.seats.leave("last");
    this.act(() => this.lane.depart());
  }

  /** Resolves when nothing can be on its way here any more. */
  async settled(): Promise<void> {
    const { clock } = this.parts;
    // Others may send what waits there unasked, until they ask anew.
    const unaskedMs = this.gatheredAt + 2 * UNASKED_MS - clock.now();
    if (unaskedMs > 0) await passed(clock, unaskedMs);
    if (this.lane.claims === 0 || this.isClosed) return;
    await within(clock, OWED_MS, new Promise<void>((resolve) => (this.onSettled = resolve)));
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.stopRetry?.();
    this.stopForeseeing?.();
    this.seats.leaveAll();
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

  join(lane: LaneName): void {
    this.seats.join(lane);
  }

  leave(lane: LaneName): void {
    this.seats.leave(lane);
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

  give(to: Peer, free: boolean, cause: Cause): boolean {
    return this.giving.give({ to, free, cause, isLast: this.isLeaving });
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

  private onCall(seat: Seat, message: Message): void {
    const word = wordOf(message);
    if (!word) return;
    const { kind, value, from } = word;
    // A queue group may choose whoever asks.
    if (from.replica === this.parts.actor.replica)
      return this.act(() => (seat === "steal" ? this.lane.onNothing(false) : this.lane.onRefused(false)));
    if (kind === Kind.offer) this.act(() => this.lane.onOffer(from, seat === "last"));
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
    this.taken++;
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
