import type { Clock } from "../clock.ts";
import type { Agent } from "../contract/agent.ts";
import { cachePolicyOf } from "../contract/cache-options.ts";
import type { Emit } from "../contract/context.ts";
import type { Port } from "../contract/port.ts";
import type { MeshView } from "../contract/mesh-view.ts";
import { sessionPolicyOf } from "../contract/session-options.ts";
import type { Deadlines } from "../deadlines.ts";
import type { MeshError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Journal } from "../tracing/journal.ts";
import type { RequestSpans } from "../tracing/request-spans.ts";
import { WallClock } from "../tracing/wall-clock.ts";
import type { Inbound } from "./inbound.ts";
import { Job } from "./job.ts";
import type { ActorParts } from "./actor-parts.ts";
import { Admission } from "./admission.ts";
import type { Around } from "./around.ts";
import { Askers } from "./askers.ts";
import { type LearningSlots, learningSlots } from "./learning-slots.ts";
import { Lives } from "./lives.ts";
import type { Loop } from "./loop.ts";
import { type Load, loadOf } from "./load.ts";
import { Mailbox } from "./mailbox.ts";
import { MethodCache } from "./method-cache.ts";
import { Methods } from "./methods.ts";
import { Outlook } from "./outlook.ts";
import { crowded, leaving, letGo, overloaded, stopped } from "./refusals.ts";
import { Sessions } from "./sessions.ts";
import type { Sharing } from "./sharing.ts";
import { Stragglers } from "./stragglers.ts";

/**
 * The running thing behind a replica: private state, a bounded mailbox, a number of slots.
 *
 * A1: at most `slots` handlers run at once; a reentrant request, whose caller holds a slot here already, is beside them.
 * A2: requests start in the order in which they came, those of different priorities and callers in turn: none overtakes
 *     another of its own caller and priority.
 * A3: one more than the mailbox holds is refused at once, with the time that the backlog needs.
 * A4: after `close` nothing starts, and everything that was here has ended.
 * A5: a backlog of any length is worked off without recursion.
 * A6: when it begins anew, what ran has ended and what waited is kept. A handler that is still at it keeps the state
 *     that it began with, and no slot: it never sees the new state.
 */

const DEFAULT_MAILBOX = 1_000;
const DEFAULT_MAILBOX_BYTES = 64 * 1_048_576;
/** Handlers that take less are not worth a word to other replicas. */
export const SLOW_MS = 2;

export class Actor {
  readonly agent: Agent;
  readonly name: string;
  readonly replica: string;
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly log: Logger;
  /** Handlers that may run at once now. */
  slots: number;
  readonly methods: Methods;
  readonly callerFor: ActorParts["callerFor"];
  readonly emit: Emit;
  readonly port: Port;
  readonly mesh: MeshView;
  readonly stragglers: Stragglers;
  readonly lives: Lives;
  readonly around: Around | undefined;
  readonly wall: WallClock;
  readonly spans: RequestSpans | undefined;
  readonly journal: Journal | undefined;
  readonly loop: Loop<Job>;
  readonly onLinger: (() => void) | undefined;
  readonly mailbox: Mailbox<Job>;
  /** Undefined when it has none. */
  readonly sessions: Sessions | undefined;
  readonly running: Set<Job> = new Set();
  private readonly askers: Askers;
  /** Undefined when it shares its load with nobody. */
  sharing: Sharing | undefined;
  closed = false;
  private closing: Promise<void> | undefined;
  /** How soon it will have time. */
  readonly outlook: Outlook;
  /** Undefined when the number of slots is fixed. */
  private readonly learning: LearningSlots | undefined;
  private readonly admission: Admission;
  private isStarting = false;
  private idleWaiters: (() => void)[] = [];

  constructor(agent: Agent, parts: ActorParts) {
    this.agent = agent;
    this.name = agent.contract.name;
    this.replica = parts.replica;
    this.clock = parts.clock;
    this.deadlines = parts.deadlines;
    this.callerFor = parts.callerFor;
    this.emit = parts.emit;
    this.port = parts.port;
    this.mesh = parts.mesh;
    this.around = parts.around;
    this.wall = new WallClock(parts.clock);
    this.spans = parts.spans;
    this.journal = parts.journal;
    this.loop = parts.loop;
    this.onLinger = parts.onLinger;
    this.log = parts.log.child({ agent: this.name, replica: parts.replica });
    this.learning = learningSlots(agent.concurrency);
    this.slots = this.learning?.slots ?? Number(agent.concurrency ?? 1);
    this.outlook = new Outlook(this);
    this.stragglers = new Stragglers(this);
    this.lives = new Lives(this, parts.onFailure);
    const { mailbox = DEFAULT_MAILBOX, mailboxBytes = DEFAULT_MAILBOX_BYTES } = agent;
    this.mailbox = new Mailbox(mailbox, mailboxBytes, parts.clock, this.outlook.drain);
    this.askers = new Askers(Math.max(mailbox, DEFAULT_MAILBOX), mailboxBytes);
    this.admission = new Admission(agent, parts.clock, parts.loop);
    this.methods = new Methods(agent);
    if (parts.sessions) this.sessions = new Sessions(this, sessionPolicyOf(agent), parts.sessions);
    for (const method of this.methods) {
      const { cache } = method.contract;
      if (cache === undefined) continue;
      const policy = cachePolicyOf(`${method.target}: cache`, cache);
      method.cache = new MethodCache(this, method, policy, parts.tierOf?.(method.name, policy));
    }
  }

  get waiting(): number {
    return this.mailbox.size;
  }

  get inFlight(): number {
    return this.running.size;
  }

  /** Requests that wait, in no mailbox: for what is made for another, or for their sessions. */
  get awaiting(): Iterable<Job> {
    return this.askers;
  }

  /** What is here, by method. */
  get load(): Load {
    return loadOf(this.mailbox, this.running);
  }

  /** What the agent shows of its state; undefined when it shows nothing. */
  inspect(): Readonly<Record<string, unknown>> | undefined {
    const inspect = this.agent.inspect as ((state: unknown) => Record<string, unknown>) | undefined;
    const { isAlive, state } = this.lives.current;
    return isAlive ? inspect?.(state) : undefined;
  }

  /** Makes the state and runs `onStart`. @throws MeshError `unavailable` with the cause */
  start(): Promise<void> {
    return this.lives.begin();
  }

  /** Requests that would start at once. */
  get freeSlots(): number {
    return this.hasFreeSlot ? this.slots - this.running.size : 0;
  }

  /** Takes out the first of those that wait, and that may go: it is somebody else's from now on. */
  surrender(mayGo: (job: Job) => boolean): Job | undefined {
    const job = this.mailbox.shift(
      (each) => each.remainingMs > 0 && (!each.session || each.session.isAlone(each)) && mayGo(each),
    );
    this.settle();
    if (!job) return undefined;
    if (job.leave()) {
      job.session?.leave(job);
      return job;
    }
    // Its time is up in this very moment.
    job.expire();
    return undefined;
  }

  /** True when a request would start at once. */
  get hasFreeSlot(): boolean {
    // A1, and A2: nothing overtakes what waits.
    return this.running.size < this.slots && this.mailbox.size === 0 && !this.closed && !this.lives.isHeld;
  }

  /**
   * Takes a request, or answers why not.
   * @param method undefined for the default one
   * @returns the request's job; undefined when there is no such method
   */
  offer(method: string | undefined, inbound: Inbound): Job | undefined {
    const found = this.methods.of(inbound, method);
    if (!found) return undefined;
    const job = new Job(this, found, inbound);
    this.loop.turn(job.arrivedAt, inbound.isLocal);
    const refusal = this.admission.refusalOf(job, this.closed);
    if (refusal) job.fail(refusal);
    // K15
    else if (found.cache) found.cache.ask(job);
    else if (this.sessions) this.sessions.ask(job);
    else this.place(job);
    return job;
  }

  /** Starts a job, or has it wait for a slot. */
  place(job: Job): undefined {
    const { inbound } = job;
    this.askers.remove(job);
    // A4
    if (this.closed) job.fail(leaving(this.name));
    else if (this.hasFreeSlot || (inbound.chain.includes(this.name) && !this.lives.isHeld))
      this.run(job, job.arrivedAt);
    else if (this.mailbox.push(job, inbound.isOwed) || this.displaces(job)) {
      job.watch();
      this.sharing?.queued();
    }
    // A3
    else job.fail(this.overloaded(job));
  }

  /** A job waits for what is looked for, or made for another. False when it has been told that there are too many. */
  awaits(job: Job): boolean {
    if (job.ended) return false;
    if (this.askers.add(job)) job.watch();
    // A3
    else job.fail(crowded(this.name, this.askers.size, this.outlook.backlogOf(job, false).backlogMs));
    return !job.ended;
  }

  /** A job that was queued, or waited for another's work, has ended. */
  forget(job: Job): void {
    this.mailbox.remove(job);
    this.askers.remove(job);
    job.flight?.leave(job);
    job.session?.leave(job);
    this.sharing?.freed();
    this.settle();
  }

  /** A job's handler has returned. */
  release(job: Job, now: number = this.clock.now()): void {
    // One whose request had ended long before is off the clock.
    if (!this.stragglers.remove(job)) this.loop.yielded(job, now);
    this.loop.active--;
    if (job.metadata) job.method.stats.returned(job.metadata);
    // A6
    if (!this.running.delete(job)) return;
    if (this.learning) this.slots = this.learning.after(job, now, this.running.size + 1);
    this.outlook.returned(job, now);
    job.session?.leave(job);
    if (this.mailbox.size > 0) this.startWaiting();
    this.sharing?.freed();
    this.settle();
  }

  /** Ends what runs, with `why`. What waits is kept, and waits for `resume`. */
  suspend(why: string): void {
    // A6
    const running = [...this.running];
    this.running.clear();
    for (const job of running) {
      job.cancel(letGo(job.method.target, why, this.replica));
      job.session?.leave(job);
    }
    this.sharing?.lingered();
    this.settle();
  }

  /** Serves what waits. */
  resume(): void {
    this.sessions?.resume();
    this.startWaiting();
    this.sharing?.freed();
    this.settle();
  }

  /** Resolves when nothing waits and nothing runs. */
  idle(): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    return new Promise((resolve) => this.idleWaiters.push(resolve));
  }

  get isIdle(): boolean {
    return this.running.size === 0 && this.mailbox.size === 0 && this.askers.size === 0;
  }

  /** Ends whatever is still here, then runs `onStop`. Call it after `idle()` to lose nothing. Idempotent. */
  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private shutDown(): Promise<void> {
    // A4
    this.closed = true;
    if (!this.isIdle) this.log.warn(this.load, "the drain's time is up: what is still here is given up");
    this.stragglers.hush();
    for (let job = this.mailbox.shift(); job; job = this.mailbox.shift()) job.fail(leaving(this.name));
    for (const job of this.running) job.fail(stopped(job.method.target, this.replica));
    for (const job of this.askers.takeAll()) job.fail(leaving(this.name));
    this.sessions?.close();
    return this.lives.end();
  }

  /** M5: false when there is no place for it. */
  private displaces(job: Job): boolean {
    const displaced = this.mailbox.displace(job);
    displaced?.fail(this.overloaded(displaced, true));
    return displaced !== undefined;
  }

  private run(job: Job, now: number): void {
    this.running.add(job);
    this.loop.active++;
    job.run(now);
    if (job.method.pace.meanMs >= SLOW_MS && this.running.size >= this.slots) this.sharing?.filled();
  }

  private startWaiting(): void {
    // A handler that returns at once comes back here from `run`: the loop below goes on where it is.
    // A5
    if (this.isStarting || this.lives.isHeld) return;
    this.isStarting = true;
    try {
      // A1
      while (this.running.size < this.slots && !this.lives.isHeld) {
        // A2
        const next = this.mailbox.shift();
        if (!next) break;
        // J2: the timer may not have come round yet.
        const now = this.clock.now();
        if (next.expiresAt > now) this.run(next, now);
        else next.expire();
      }
    } finally {
      this.isStarting = false;
    }
  }

  private settle(): void {
    if (this.idleWaiters.length === 0 || !this.isIdle) return;
    for (const resolve of this.idleWaiters.splice(0)) resolve();
  }

  private overloaded(job: Job, madeRoom = false): MeshError {
    return overloaded(this.name, this.outlook.backlogOf(job, madeRoom));
  }
}
