import { type MeshError, messageOf } from "../errors.ts";
import { asMeshError } from "../protocol/failure.ts";
import type { Holding, HoldingUser, SessionMemory, SessionSeeker } from "../session/keeper.ts";
import type { Linked } from "./chain.ts";
import type { Job } from "./job.ts";
import { crowdedSession, lostSession, sessionCycle, unstored } from "./refusals.ts";
import type { Sessions } from "./sessions.ts";
import { Turn, type TurnKeeper } from "./turn.ts";

/** Of its time to live: how often it is renewed in a turn that takes as long. */
const RENEWALS = 3;

/**
 * One session at one replica: the requests that wait for it here, and the one whose turn it is.
 *
 * SE1: requests of a session are worked on one at a time, anywhere in the pool, and those of one replica in the order in
 *      which they came. The next one begins when the handler has really returned.
 * SE2: what a request leaves is stored before it is answered. One that fails leaves nothing.
 */
export class SessionQueue implements Linked, SessionSeeker, HoldingUser, TurnKeeper {
  before: this | undefined = undefined;
  after: this | undefined = undefined;
  readonly id: string;
  /** By the clock: since when nobody has asked for it; undefined while somebody does. */
  restsSince: number | undefined;
  private readonly sessions: Sessions;
  private readonly waiting = new Set<Job>();
  private turn: Turn | undefined;
  private holding: Holding | undefined;
  /** It waits for NATS, or for another replica. */
  private isAsking = false;
  private isStepping = false;
  private stopRenewing: (() => void) | undefined;
  /** It has had a turn since it is here: another replica's turn comes first. */
  private hadTurn = false;

  constructor(sessions: Sessions, id: string) {
    this.sessions = sessions;
    this.id = id;
  }

  get isWanted(): boolean {
    return this.waiting.size > 0;
  }

  get mayWait(): boolean {
    for (const job of this.waiting) if (this.isWithin(job)) return false;
    return true;
  }

  join(job: Job): void {
    if (this.isWithin(job) && (this.turn || this.isWanted)) return job.fail(this.cycle(job));
    if (this.waiting.size >= this.sessions.mostWaiting) return job.fail(this.crowded(job));
    job.session = this;
    this.waiting.add(job);
    this.next();
    if (this.waiting.has(job)) this.sessions.actor.awaits(job);
  }

  /** It has its turn and has not begun, and nobody waits for it to end: it may as well be done by another replica. */
  isAlone(job: Job): boolean {
    return this.turn?.job === job && !this.isWanted;
  }

  /** A request has ended, and its handler has returned, or must be waited for no longer. */
  leave(job: Job): void {
    if (this.waiting.delete(job)) return this.next();
    if (this.turn?.job !== job) return;
    this.turn = undefined;
    this.stopRenewing?.();
    this.next();
  }

  /** It is kept here no longer. */
  drop(): void {
    this.holding?.drop();
    this.holding = undefined;
  }

  store(
    turn: Turn,
    change: { readonly state: Uint8Array | undefined } | undefined,
  ): Promise<void> | undefined {
    const holding = this.held(turn);
    return change && this.keep(turn, () => holding.store(change.state));
  }

  async clear(turn: Turn): Promise<void> {
    const holding = this.held(turn);
    await this.keep(turn, async () => {
      // What is remembered may be another's by now.
      if (!(await holding.confirm())) return false;
      // Whoever comes next must not find it.
      await this.memoryOf().clear();
      return holding.clear();
    });
    this.drop();
  }

  memoryOf(): SessionMemory {
    return this.sessions.memoryOf(this.id);
  }

  get isBusy(): boolean {
    return this.turn !== undefined || this.isWanted;
  }

  wanted(): void {
    this.next();
  }

  /** Its actor begins turns again. */
  resume(): void {
    this.next();
  }

  private held({ job }: Turn): Holding {
    if (this.holding && this.turn?.job === job) return this.holding;
    throw lostSession(job.method.target, this.id, this.sessions.actor.replica);
  }

  private async keep({ job }: Turn, write: () => Promise<boolean>): Promise<void> {
    let isKept = false;
    try {
      isKept = await write();
    } catch (error) {
      const known = asMeshError(error);
      // It may be stored all the same.
      if (known.code !== "unavailable") throw known;
      throw unstored(job.method.target, this.id, this.sessions.actor.replica, known);
    } finally {
      if (!isKept) this.drop();
    }
    if (!isKept) throw lostSession(job.method.target, this.id, this.sessions.actor.replica);
  }

  private next(): void {
    // A turn that ends at once comes back here: the loop below goes on where it is.
    if (this.isStepping) return;
    this.isStepping = true;
    try {
      while (this.step());
    } finally {
      this.isStepping = false;
    }
  }

  /** True when there may be more to do at once. */
  private step(): boolean {
    // SE1
    if (this.turn || this.isAsking) return false;
    const { holding, sessions } = this;
    const [job] = this.waiting;
    const { isHeld } = sessions.actor.lives;
    if (holding?.isWanted && (!job || this.hadTurn || isHeld)) void this.ask(() => this.pass(holding));
    else if (!job) sessions.rest(this, holding !== undefined);
    // It is asked again when its actor is back.
    else if (isHeld) return false;
    else if (!holding) void this.ask(() => this.seek());
    else if (holding.isAging) void this.ask(() => this.renew(holding));
    else if (!holding.isSure) void this.ask(() => this.confirm(holding));
    else return this.begin(job, holding);
    return false;
  }

  private begin(job: Job, holding: Holding): true {
    const { actor, policy } = this.sessions;
    const { stored } = holding;
    this.waiting.delete(job);
    this.hadTurn = true;
    try {
      this.turn = new Turn(this, this.id, job, stored, policy.newState);
    } catch (error) {
      job.refuse(error);
      return true;
    }
    job.turn = this.turn;
    if (job.remainingMs > policy.ttlMs / RENEWALS) this.renewDuring(this.turn, holding);
    actor.place(job);
    return true;
  }

  /** What is stored must not expire while it is worked on. */
  private renewDuring(turn: Turn, holding: Holding): void {
    const { actor, policy } = this.sessions;
    this.stopRenewing = actor.clock.after(policy.ttlMs / RENEWALS, () => {
      const again = (): void => {
        if (this.turn === turn) this.renewDuring(turn, holding);
      };
      // Where that fails its end does, too.
      holding.renew().then(again, again);
    });
  }

  private async ask(question: () => Promise<void>): Promise<void> {
    this.isAsking = true;
    this.sessions.wake(this);
    try {
      await question();
    } catch (error) {
      this.refuse(asMeshError(error));
    } finally {
      this.isAsking = false;
      this.next();
    }
  }

  private async seek(): Promise<void> {
    const holding = await this.sessions.keeper.obtain(this.id, this);
    if (!holding) return;
    this.holding = holding;
    this.hadTurn = false;
    holding.user = this;
  }

  private async renew(holding: Holding): Promise<void> {
    await this.memoryOf().touch();
    if (!(await holding.renew())) this.drop();
  }

  private async confirm(holding: Holding): Promise<void> {
    if (!(await holding.confirm())) this.drop();
  }

  private async pass(holding: Holding): Promise<void> {
    await holding.pass();
    this.drop();
  }

  private refuse(error: MeshError): void {
    const isCycle = error.code === "conflict";
    this.sessions.actor.log.debug({ session: this.id, reason: messageOf(error) }, "a session cannot be had");
    for (const job of this.waiting)
      if (!isCycle) job.fail(error, false);
      else if (this.isWithin(job)) job.fail(this.cycle(job), false);
  }

  /** Whoever has the session may be waiting for this request. */
  private isWithin({ inbound }: Job): boolean {
    return inbound.chain.includes(this.sessions.actor.name);
  }

  private crowded({ method }: Job): MeshError {
    const { size } = this.waiting;
    return crowdedSession(this.sessions.actor.name, this.id, size, size * method.pace.meanMs);
  }

  private cycle({ inbound }: Job): MeshError {
    return sessionCycle(inbound.chain, this.sessions.actor.name, this.id);
  }
}
