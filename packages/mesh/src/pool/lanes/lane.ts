/**
 * How the replicas of a pool share what waits, without a broker and without knowing each other. Two subjects do it,
 * each a queue group whose members say something about themselves by listening:
 *
 * - the idle lane: "I would take a request". A replica with a free slot is on it; where there is none, one that gathers
 *   what waits, so that it waits in one line and not in many.
 * - the steal lane: "requests wait here".
 *
 * Whoever has too much *offers* on the idle lane; whoever has a free slot *claims* on the steal lane. A request moves in
 * one message, from the one that holds it to the one that has claimed it: until then it may start where it is, after
 * that it is the other's. NATS says at once when nobody is on a lane.
 *
 * Z1: a request is in one place: held, or on its way to a replica that has claimed it. What is given is not held any more,
 *     and what comes is always taken.
 * Z2: where a slot is free and a request waits elsewhere, one of the two asks the other: each takes its place on its own
 *     lane before it asks on the other's. Of two that do so at once, the later one finds the earlier.
 * Z3: a request that has been gathered is moved on only to a free slot, so that it comes nearer to being started with
 *     each move.
 * Z4: an asker that gets no answer asks again; an answer that comes late harms nothing.
 *
 * This is the protocol alone: no I/O, no clock. docs/adr/0008 has the argument, and a test walks through all states that
 * two and three replicas can be in.
 */

/** What a lane sees of its replica. */
export interface Berth {
  /** Slots that would take a request at once. */
  readonly free: number;
  /** Requests that wait. */
  readonly waiting: number;
  /** Waiting costs them more than moving would. */
  readonly isSlow: boolean;
  /** Others' requests may wait here too. */
  readonly hasRoom: boolean;
  /** It finishes what is here and takes nothing new. */
  readonly isLeaving: boolean;
}

export type LaneName = "idle" | "steal";

/** Why a request moves: it was offered, somebody came for it, or what waits is gathered there. */
export type Cause = "offered" | "stolen" | "gathered";

/** What a lane says to others. `to` is whoever asked. */
export interface LanePort<To> {
  join(lane: LaneName): void;
  leave(lane: LaneName): void;
  /** Asks the idle lane, or when leaving the whole pool, who takes a request. */
  offer(): void;
  /** Asks the steal lane for a request. */
  claim(): void;
  /** Answers an offer: give it to me. @param free a slot is free for it; else it will wait here */
  take(to: To, free: boolean): void;
  /** Answers an offer, or a claim: no. */
  pass(to: To): void;
  /**
   * Moves the next request.
   * @param free there is a slot for it
   * @param cause where they are gathered nobody has asked for it
   * @returns false when none may go there
   */
  give(to: To, free: boolean, cause: Cause): boolean;
}

/** Lanes have several members, and the one that is asked may have just changed its mind. */
const MAX_TRIES = 3;

/** One replica's part in the lanes of its pool. */
export class Lane<To> {
  isIdle = false;
  isHolder = false;
  /** What waits in the pool waits here. */
  gathers = false;
  /** Offers that were made in a row, the last of them unanswered; 0: none. */
  offers = 0;
  /** Claims that are unanswered: on the lane, and in answer to an offer. */
  claims = 0;
  /** Where what waits is gathered, as far as it is known. */
  gatherer: To | undefined;
  private isStale = false;
  private tries = 0;
  /** Something may wait elsewhere of which this replica was not told: it was busy. */
  mayHaveMissed = true;
  /** The last claim on the lane brought something. */
  isHot = false;
  private readonly berth: Berth;
  private readonly port: LanePort<To>;

  constructor(berth: Berth, port: LanePort<To>) {
    this.berth = berth;
    this.port = port;
  }

  /** It is waited for an answer, or something waits: `retry` must come round. */
  get isOpen(): boolean {
    return this.isHolder || this.offers > 0 || this.claims > 0 || this.gatherer !== undefined;
  }

  /** Something has changed in the replica: a slot, or what waits. */
  update(): void {
    const { berth, port } = this;
    this.passOn();
    const { free, waiting, isLeaving } = berth;
    const isBacklogged = waiting > 0 && (free === 0 || isLeaving);
    if (isBacklogged && !this.isHolder && (berth.isSlow || isLeaving)) {
      // Z2
      this.isHolder = true;
      this.gatherer = undefined;
      port.join("steal");
      // The answer to an earlier offer says nothing of those that have come on their lane since.
      if (this.offers > 0) this.isStale = true;
      else this.offer(1);
    } else if (!isBacklogged && this.isHolder) {
      this.isHolder = false;
      this.gathers = false;
      port.leave("steal");
    }
    const isFree = free > 0 && waiting === 0 && !isLeaving;
    const wantsMore = isFree || (this.gathers && berth.hasRoom && !isLeaving);
    if (wantsMore !== this.isIdle && (wantsMore || berth.isSlow || isLeaving)) {
      this.isIdle = wantsMore;
      if (wantsMore) port.join("idle");
      else port.leave("idle");
    }
    if (!isFree) {
      this.mayHaveMissed ||= !this.isIdle || this.gathers;
      return;
    }
    // Z2: it is on the idle lane by now.
    if (this.mayHaveMissed && this.claims === 0) {
      this.mayHaveMissed = false;
      this.tries = 0;
      this.claim();
    }
  }

  /** It takes nothing more, and gives away what waits. */
  depart(): void {
    this.gathers = false;
    // From now on it asks others than before.
    if (this.offers > 0) this.isStale = true;
    else if (this.isHolder) this.offer(1);
    this.update();
  }

  /** A slot will be free soon: what waits elsewhere may come meanwhile. */
  foresee(): void {
    const { free, waiting, isLeaving } = this.berth;
    if (this.isHot && free === 0 && waiting === 0 && this.claims === 0 && !isLeaving) this.claim();
  }

  /** Somebody has too much. @param isLast it is leaving: whoever can must take it */
  onOffer(from: To, isLast = false): void {
    const { free, waiting, hasRoom, isLeaving } = this.berth;
    if (isLeaving) return this.port.pass(from);
    if (waiting === 0 && free > this.claims) {
      this.claims++;
      return this.port.take(from, true);
    }
    if ((this.gathers || isLast) && hasRoom) {
      this.claims++;
      return this.port.take(from, false);
    }
    this.mayHaveMissed = true;
    this.port.pass(from);
    // It has no slot, and was still on the lane.
    this.update();
  }

  /** Somebody takes a request: in answer to an offer, or of itself. */
  onClaim(from: To, free: boolean, isAnswer: boolean): void {
    const { port, berth, offers } = this;
    const mayGo = berth.waiting > 0 && (free || !this.gathers || berth.isLeaving);
    const gave = mayGo && port.give(from, free, isAnswer ? "offered" : "stolen");
    if (gave && !free && !berth.isLeaving) this.gatherer = from;
    if (!gave) port.pass(from);
    if (!isAnswer || offers === 0) return this.update();
    if (!gave) return this.onRefused(false);
    this.offers = 0;
    this.update();
    if (this.isHolder && this.offers === 0) this.offer(1);
  }

  /** A request has come. Call it before the request is taken. @param isUnasked it was not claimed */
  onGiven(isUnasked: boolean): void {
    if (!isUnasked) return this.answered(true);
    // Whoever sent it takes this one for the gatherer.
    this.gatherer = undefined;
    this.mayHaveMissed = true;
  }

  /** Whoever was asked for a request has none. */
  onNothing(isAlone: boolean): void {
    this.answered(false);
    if (!isAlone && this.tries > 0 && this.tries < MAX_TRIES && this.isWanting) this.claim();
    else this.update();
  }

  /** Whoever was offered a request does not want it. @param isAlone NATS says so: nobody is on the lane */
  onRefused(isAlone: boolean): void {
    const { offers } = this;
    this.offers = 0;
    if (!this.isHolder || offers === 0) return this.update();
    if (this.isStale) return this.offer(1);
    if (!isAlone && offers < MAX_TRIES) return this.offer(offers + 1);
    this.gathers = true;
    this.update();
  }

  /** Z4: it is some time since the last one. */
  retry(): void {
    const isLost = this.claims > 0;
    // What is on its way to one that leaves must still find it.
    if (!this.berth.isLeaving) this.claims = 0;
    this.tries = 0;
    if (isLost) this.mayHaveMissed = true;
    this.offers = 0;
    this.gatherer = undefined;
    if (this.isHolder) this.offer(1);
    this.update();
  }

  /** What would wait here goes to where the rest of it is. */
  private passOn(): void {
    const { berth, port, gatherer } = this;
    while (
      gatherer !== undefined &&
      !this.isHolder &&
      !berth.isLeaving &&
      berth.free === 0 &&
      berth.waiting > 0
    ) {
      if (!berth.isSlow || !port.give(gatherer, false, "gathered")) return;
    }
  }

  private get isWanting(): boolean {
    const { free, waiting, isLeaving } = this.berth;
    return free > 0 && waiting === 0 && this.claims === 0 && !isLeaving;
  }

  private answered(withOne: boolean): void {
    if (this.claims > 0) this.claims--;
    this.isHot = withOne;
    if (withOne) {
      this.tries = 0;
      // Where one was there may be more.
      this.mayHaveMissed = true;
    }
  }

  private claim(): void {
    this.claims++;
    this.tries++;
    this.port.claim();
  }

  private offer(count: number): void {
    this.offers = count;
    this.isStale = false;
    this.port.offer();
  }
}
