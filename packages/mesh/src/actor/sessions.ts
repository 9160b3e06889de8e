import { type SessionPolicy, checkSessionId } from "../contract/session-options.ts";
import type { Keeper, SessionMemory } from "../session/keeper.ts";
import type { Actor } from "./actor.ts";
import { Chain } from "./chain.ts";
import { type Pending, checked } from "./checked.ts";
import type { Job } from "./job.ts";
import { SessionQueue } from "./session-queue.ts";

/** Sessions that nobody asks for, and that are kept here all the same. */
const MOST_RESTING = 10_000;
const LEAST_WAITING = 16;

/** Where the sessions of an actor are kept. */
export interface SessionParts {
  readonly keeper: Keeper;
  /** What is remembered of one beside its state. */
  readonly memoryOf: (id: string) => SessionMemory;
}

/**
 * The sessions of an actor: those that somebody asks for, and those that were asked for a while ago.
 *
 * SE5: one that has rested for its time takes nothing here, nor is anything done for it: it is kept in NATS alone. Of
 *      those that rest there are never more than 10,000.
 */
export class Sessions {
  readonly actor: Actor;
  readonly policy: SessionPolicy;
  readonly keeper: Keeper;
  readonly memoryOf: (id: string) => SessionMemory;
  private readonly here = new Map<string, SessionQueue>();
  /** Those that rest, the longest first. */
  private readonly resting = new Chain<SessionQueue>();
  private restingCount = 0;
  private isClosed = false;
  private stopTimer: (() => void) | undefined;

  constructor(actor: Actor, policy: SessionPolicy, { keeper, memoryOf }: SessionParts) {
    this.actor = actor;
    this.policy = policy;
    this.keeper = keeper;
    this.memoryOf = memoryOf;
  }

  /** Requests that may wait for one session: a part of what may wait in all. */
  get mostWaiting(): number {
    return Math.max(LEAST_WAITING, Math.ceil(this.actor.mailbox.capacity / 2));
  }

  /** Turns begin again. */
  resume(): void {
    for (const session of this.here.values()) session.resume();
  }

  /** Sessions that are here. */
  get size(): number {
    return this.here.size;
  }

  /** Has a request wait for its session; one that has none is like any other. */
  ask(job: Job): void {
    let naming: Pending;
    try {
      naming = this.name(job);
    } catch (error) {
      return job.refuse(error);
    }
    if (naming === undefined) return;
    naming.catch((error: unknown) => job.refuse(error));
    this.actor.awaits(job);
  }

  /** Nobody asks for one. @param isHeld else there is nothing to keep */
  rest(session: SessionQueue, isHeld: boolean): void {
    if (!isHeld || this.isClosed) {
      session.drop();
      this.wake(session);
      this.here.delete(session.id);
    } else if (session.restsSince === undefined) {
      session.restsSince = this.actor.clock.now();
      this.resting.join(session);
      if (++this.restingCount > MOST_RESTING && this.resting.first) this.passivate(this.resting.first);
      this.arm();
    }
  }

  /** Somebody asks for one. */
  wake(session: SessionQueue): void {
    if (session.restsSince === undefined) return;
    session.restsSince = undefined;
    this.resting.leave(session);
    this.restingCount--;
  }

  close(): void {
    this.isClosed = true;
    this.stopTimer?.();
    for (let each = this.resting.first; each; each = this.resting.first) this.passivate(each);
    this.keeper.close();
  }

  private name(job: Job): Pending {
    const { idOf } = this.policy;
    if (!idOf) return this.join(job, job.inbound.session);
    const { inputs, plainShape, name } = job.method;
    const input = job.inbound.input(plainShape);
    return checked(inputs ? inputs.check(input) : input, (value) => {
      job.checkedInput = { value };
      return this.join(job, idOf(value, name) ?? job.inbound.session);
    });
  }

  private join(job: Job, named: unknown): undefined {
    if (job.ended) return undefined;
    if (named === undefined) return this.actor.place(job);
    const id = checkSessionId(named);
    let session = this.here.get(id);
    if (session) this.wake(session);
    else this.here.set(id, (session = new SessionQueue(this, id)));
    session.join(job);
    return undefined;
  }

  private passivate(session: SessionQueue): void {
    this.rest(session, false);
  }

  private arm(): void {
    const { first } = this.resting;
    if (this.stopTimer || first?.restsSince === undefined) return;
    const { clock } = this.actor;
    const dueMs = first.restsSince + this.policy.idleMs - clock.now();
    this.stopTimer = clock.after(Math.max(1, dueMs), () => {
      this.stopTimer = undefined;
      const until = clock.now() - this.policy.idleMs;
      for (let each = this.resting.first; each; each = this.resting.first) {
        if (each.restsSince === undefined || each.restsSince > until) break;
        this.passivate(each);
      }
      this.arm();
    });
  }
}
