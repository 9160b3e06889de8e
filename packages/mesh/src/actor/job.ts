import { Invalid } from "../contract/validator.ts";
import { TokenBudget } from "../contract/token-budget.ts";
import { Timed } from "../deadlines.ts";
import { MeshError } from "../errors.ts";
import { asMeshError } from "../protocol/failure.ts";
import type { ReplyMetadata } from "../protocol/metadata.ts";
import type { Trace } from "../protocol/trace.ts";
import type { OpenSpan } from "../tracing/open-span.ts";
import type { Priority } from "../protocol/priority.ts";
import type { Actor } from "./actor.ts";
import type { Inbound, Work } from "./inbound.ts";
import type { Flight } from "./flight.ts";
import { JobContext, traceOf } from "./job-context.ts";
import type { Life } from "./lives.ts";
import type { Pending } from "./checked.ts";
import { handle } from "./handling.ts";
import type { Method } from "./method.ts";
import { Questions, hasEnded } from "./questions.ts";
import type { Line, Queueable } from "./line.ts";
import type { SessionQueue } from "./session-queue.ts";
import type { Turn } from "./turn.ts";
import { nestedFailure } from "./nested-failure.ts";

/** A request held longer than this tells its caller who holds it. Fast calls never pay. */
const ACCEPT_AFTER_MS = 20;
/** The same for one whose caller has been told so by whoever had it before. */
const ACCEPT_KNOWN_AFTER_MS = 500;

/**
 * One request's life in an actor: queued, running, ended.
 *
 * J1: it ends exactly once, and tells its caller so once: result, error, expiry, cancellation or shed.
 * J2: a request that has expired or was cancelled never starts.
 * J3: the slot is given back when the handler has really returned, not when the caller was answered.
 * J4: its figures are counted once, by how it ended.
 */
export class Job extends Timed implements Queueable, Work {
  readonly actor: Actor;
  readonly method: Method;
  readonly inbound: Inbound;
  readonly arrivedAt: number;
  /** The life of the actor in which it runs. */
  life: Life;
  expiresAt: number;
  metadata: ReplyMetadata | undefined = undefined;
  before: this | undefined = undefined;
  after: this | undefined = undefined;
  line: Line<this> | undefined = undefined;
  /** The work that it waits for, where that is not its own. */
  flight: Flight | undefined = undefined;
  /** The session that it waits for, or has its turn in; undefined when it has none. */
  session: SessionQueue | undefined = undefined;
  /** Its turn in that session. */
  turn: Turn | undefined = undefined;
  /** Its input, where that has been looked at already. */
  checkedInput: { readonly value: unknown } | undefined = undefined;
  /** Others wait for it: its input is checked already, and they are counted in its place. */
  isForOthers = false;
  /** Its handler's; undefined where nobody records spans, and until it is run. */
  span: OpenSpan | undefined = undefined;
  private state: "queued" | "running" | "ended" = "queued";
  startedAt = 0;
  /** When its handler has last come to a chunk; 0 before the first. */
  movedOnAt = 0;
  private endedAt = 0;
  /** The handler has been called. */
  hasBegun = false;
  private hasLingered = false;
  private isAccepted = false;
  private budget: TokenBudget | undefined;
  private controller: AbortController | undefined;
  private asked: Questions | undefined;
  /** The error that it has ended with. */
  endedBy: MeshError | undefined;

  constructor(actor: Actor, method: Method, inbound: Inbound) {
    super();
    this.actor = actor;
    this.method = method;
    this.inbound = inbound;
    this.life = actor.lives.current;
    this.arrivedAt = actor.clock.now();
    this.expiresAt = this.arrivedAt + inbound.remainingMs;
  }

  get ended(): boolean {
    return this.state === "ended";
  }

  get bytes(): number {
    return this.inbound.size ?? 0;
  }

  get priority(): Priority {
    return this.inbound.priority;
  }

  get sender(): string {
    return this.inbound.sender;
  }

  /** The trace that it belongs to, with its own span. */
  get trace(): Trace {
    return traceOf(this);
  }

  get remainingMs(): number {
    return Math.max(0, this.expiresAt - this.actor.clock.now());
  }

  /** Made when somebody asks for it. */
  get tokens(): TokenBudget {
    return (this.budget ??= new TokenBudget(this.inbound.tokens ?? Infinity, (spent) => {
      (this.metadata ??= {}).tokens = spent;
    }));
  }

  /** Made when somebody asks for it: most handlers never do. */
  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.endedBy) this.controller.abort(this.endedBy);
    }
    return this.controller.signal;
  }

  /** What its handler asks its caller. */
  get questions(): Questions {
    return (this.asked ??= new Questions(this));
  }

  /** Its handler has asked its caller something, or has tried to. */
  get hasAsked(): boolean {
    return this.asked !== undefined;
  }

  /** Leaves its actor without an end: another replica has it. False when it does not wait. */
  leave(): boolean {
    if (this.state !== "queued" || this.remainingMs <= 0) return false;
    // J1: it ends there.
    this.state = "ended";
    this.actor.deadlines.remove(this);
    return true;
  }

  /** Another replica has it. */
  movedTo(replica: string): void {
    const { actor } = this;
    const now = actor.clock.now();
    actor.spans?.moved(this, now, replica);
    actor.journal?.moved(this, now, this.waitedMs, replica);
    this.inbound.moved?.(replica);
  }

  /** Milliseconds from its first arrival in the pool. */
  get waitedMs(): number {
    return this.actor.clock.now() - this.arrivedAt + (this.inbound.waitedMs ?? 0);
  }

  /** Starts the clock on a request that does not end at once. */
  watch(): void {
    const { expiresAt, arrivedAt } = this;
    this.actor.deadlines.add(
      this,
      this.isAccepted ? expiresAt : Math.min(arrivedAt + this.acceptAfterMs, expiresAt),
    );
  }

  private get acceptAfterMs(): number {
    if (!this.inbound.isKnown) return ACCEPT_AFTER_MS - (this.inbound.waitedMs ?? 0);
    return this.hasLingered ? ACCEPT_KNOWN_AFTER_MS : ACCEPT_AFTER_MS;
  }

  expireAt(expiresAt: number): void {
    if (this.ended) return;
    this.expiresAt = expiresAt;
    if (this.later) this.watch();
    this.flight?.extend(this);
  }

  override onDue(): void {
    if (this.ended) return this.actor.stragglers.onDue(this);
    if (this.actor.clock.now() >= this.expiresAt) return this.expire();
    if (!this.hasLingered) {
      this.hasLingered = true;
      this.actor.onLinger?.();
      this.actor.sharing?.lingered();
      // It may have gone elsewhere.
      if (this.ended) return;
      if (this.inbound.isKnown) return this.watch();
    }
    const wasAccepted = this.isAccepted;
    this.isAccepted = true;
    this.watch();
    if (wasAccepted) return;
    try {
      this.inbound.accepted(this);
    } catch (error) {
      // The caller waits on without knowing for whom: nothing else is lost.
      this.actor.log.warn(
        { err: error, method: this.method.name },
        "a caller could not be told who holds its request",
      );
    }
  }

  /** Its time is up. */
  expire(): void {
    const where = this.flight ? "waiting for its answer" : `waiting ${this.queue}`;
    const waiting = this.state === "queued" ? where : "having its input checked";
    const doing = this.hasBegun ? "running" : waiting;
    this.cancel(
      new MeshError("deadline_exceeded", `${this.method.target} was still ${doing} at its deadline.`),
    );
  }

  /** It is in no mailbox. */
  get waitsForSession(): boolean {
    return this.session !== undefined && this.turn === undefined;
  }

  private get queue(): string {
    return this.waitsForSession ? `for its session "${this.session?.id}"` : "in the mailbox";
  }

  cancel(reason: MeshError): void {
    const wasRunning = this.state === "running";
    this.fail(reason);
    if (wasRunning) this.actor.stragglers.add(this);
  }

  /** Runs the handler. Calls `actor.release` once, when the slot is free again. */
  run(now: number): void {
    this.state = "running";
    this.life = this.actor.lives.current;
    this.startedAt = now;
    this.actor.spans?.begun(this, now);
    let pending: Pending;
    try {
      pending = handle(this);
    } catch (error) {
      this.crash(error);
    }
    // Where it has ended already, it has done so just now.
    const ranUntil = pending === undefined && this.ended ? this.endedAt : this.actor.clock.now();
    this.actor.loop.ran(this, ranUntil);
    // J3: in all three places the handler has returned.
    if (pending === undefined) return this.actor.release(this, ranUntil);
    // A request that waited in the mailbox is on the wheel already.
    if (!this.ended && !this.later) this.watch();
    pending.then(
      () => this.actor.release(this),
      (error: unknown) => {
        this.crash(error);
        this.actor.release(this);
      },
    );
  }

  /** The handler, or a check around it, has thrown. */
  private crash(thrown: unknown): void {
    if (this.ended) return;
    const error = this.explain(thrown);
    this.fail(error);
    // An answer with a code is no failure, nor is another agent's failure this one's.
    if (error.code === "internal" && error.agent === undefined) this.actor.lives.blame(this.life, thrown);
  }

  /** Its input is not what it should be, or its cache key could not be made. */
  refuse(thrown: unknown): void {
    this.fail(this.explain(thrown));
  }

  /** Ends well without a run of its own: with what was made for another, or before. Does nothing when it has ended. */
  give(value: unknown, metadata: ReplyMetadata): void {
    // J1
    if (this.ended) return;
    this.metadata = metadata;
    try {
      const sending = this.inbound.result(value, this);
      if (!sending) return this.given();
      sending.then(
        () => this.given(),
        (error: unknown) => this.fail(asMeshError(error)),
      );
    } catch (error) {
      this.fail(asMeshError(error));
    }
  }

  private given(): void {
    this.succeed();
    this.actor.forget(this);
  }

  /**
   * Ends the request badly. Does nothing when it has ended.
   * @param hasBegun the work for it was begun, by this request or for it
   */
  fail(error: MeshError, hasBegun: boolean = this.hasBegun): void {
    // J1
    if (this.ended) return;
    const waiting = this.state === "queued";
    this.end(error);
    if (waiting) this.actor.forget(this);
    try {
      this.inbound.error(error, hasBegun);
    } catch (unsent) {
      this.actor.log.warn({ err: unsent, code: error.code }, "an error could not be sent to its caller");
    }
    this.inbound.closed();
    this.controller?.abort(error);
    // What several wait for is told once.
    if (error.code === "internal" && !this.flight) this.report(error);
  }

  /** The handler has given the event loop back, for now. */
  yields(): void {
    const now = this.actor.clock.now();
    this.movedOnAt = now;
    this.actor.loop.yielded(this, now);
  }

  /** The caller has been sent everything. */
  succeed(): void {
    if (!this.ended) this.end(undefined);
    this.inbound.closed();
  }

  private end(error: MeshError | undefined): void {
    const { actor, method, state, startedAt, arrivedAt } = this;
    const now = actor.clock.now();
    const waited = (state === "running" ? startedAt : now) - arrivedAt + (this.inbound.waitedMs ?? 0);
    this.state = "ended";
    this.endedAt = now;
    this.endedBy = error;
    actor.deadlines.remove(this);
    this.asked?.end(error ?? hasEnded(method.target));
    actor.spans?.ended(this, now, error);
    const ranMs = this.hasBegun ? now - startedAt : undefined;
    // J4: `end` is called once, since it is what makes `ended` true.
    if (!this.isForOthers) {
      method.stats.end(waited, ranMs);
      if (error) method.stats.count(error);
      else if (this.metadata?.degraded) method.stats.degraded++;
      actor.journal?.ended(this, now, waited, ranMs, error);
    } else if (ranMs !== undefined) method.stats.ran(ranMs);
  }

  /** Tells the owner of an agent's own fault. A logger that fails must not keep the slot. */
  private report(error: MeshError): void {
    try {
      new JobContext(this).log.error({ err: error.cause ?? error, details: error.details }, error.message);
    } catch {
      // There is nobody left to tell.
    }
  }

  /** A chunk or a result that the contract forbids is the agent's fault. */
  explainOutput(error: unknown): MeshError {
    return error instanceof Invalid ? error.asOutputError(this.method.target) : asMeshError(error);
  }

  private explain(error: unknown): MeshError {
    if (error instanceof Invalid) return error.asInputError(this.method.target);
    const known = asMeshError(error);
    return this.hasBegun ? nestedFailure(known, this.method) : known;
  }
}
