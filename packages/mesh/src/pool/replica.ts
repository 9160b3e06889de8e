import { Actor } from "../actor/actor.ts";
import type { ActorParts } from "../actor/actor-parts.ts";
import type { Agent } from "../contract/agent.ts";
import { hasSessions } from "../contract/session-options.ts";
import { MeshError, messageOf } from "../errors.ts";
import { asMeshError } from "../protocol/failure.ts";
import type { Subjects } from "../protocol/subjects.ts";
import type { Message, Subscription, Transport } from "../transport/transport.ts";
import { Intake } from "../tasks/intake.ts";
import type { Shelves } from "../tasks/shelves.ts";
import { together } from "../actor/together.ts";
import type { AnswerCaches } from "./cache/answer-caches.ts";
import type { BucketKeeper } from "../session/bucket-keeper.ts";
import { sessionsOf } from "./sessions.ts";
import type { Shelf } from "../transport/shelf.ts";
import type { MovedFigures, TaskFigures } from "../stats/figures.ts";
import type { NodeBook } from "./node-book.ts";
import { Reception } from "./reception.ts";
import { ReplyLine } from "./reply-line.ts";
import type { Desk } from "../transport/desk.ts";
import { PoolLane } from "./lanes/pool-lane.ts";
import type { Services } from "./services.ts";
import { leaving } from "../actor/refusals.ts";
import type { Child } from "../supervision/child.ts";
import { within } from "../within.ts";

/**
 * One agent hosted by one node: an actor on its subjects.
 *
 * R1: it is in the pool's queue group only while its actor takes requests.
 * R2: a drain loses nothing: it leaves the group, takes what was already sent to it, and finishes.
 * R3: whatever arrives is answered; a payload that cannot be read gets an error that says why.
 * R4: a start that fails leaves nothing behind.
 */

/** The queue group of every pool: the subject tells them apart. */
export const POOL_GROUP = "pool";
/** What NATS may take for its last word to a replica that stops. */
const LEAVE_MS = 2_000;
/** What `onStop` gets when the drain has used up its time. */
const LEAST_STOP_MS = 1_000;
/** A drain that takes longer says what it waits for. */
const PATIENCE_MS = 5_000;
const NO_TASKS: TaskFigures = { done: 0, retried: 0, dead: 0 };

export interface ReplicaParts extends Omit<ActorParts, "emit" | "tierOf" | "sessions"> {
  transport: Transport;
  subjects: Subjects;
  services: Services;
  /** Where it is counted. */
  book: NodeBook;
  desk: Desk;
  caches: AnswerCaches;
  /** Where sessions are kept. */
  shelf: Shelf;
  /** What is remembered of them beside their state. */
  memories: Shelf;
  /** It shares its load with the other replicas of its pool. */
  lanes: boolean;
  /** It takes durable tasks from there. */
  shelves?: Shelves | undefined;
  /** It stops for good, by its supervisor's will. */
  onRetire?: ((replica: Replica) => void) | undefined;
}

/** What a replica does now. `held`: its actor begins anew, or is about to; `gone`: nothing of it is left. */
export type ReplicaPhase = "starting" | "serving" | "held" | "draining" | "stopping" | "gone";

export class Replica implements Child {
  readonly id: string;
  readonly actor: Actor;
  private readonly parts: ReplicaParts;
  private readonly line: ReplyLine;
  private readonly reception: Reception;
  private readonly lane: PoolLane | undefined;
  private readonly intake: Intake | undefined;
  private readonly keeper: BucketKeeper | undefined;
  private group: Subscription[] = [];
  private leaving: Promise<void> | undefined;
  private stopping: Promise<void> | undefined;
  /** Everything that was sent to its pool while it was there has come. */
  private hasAll = false;
  private isGone = false;

  constructor(agent: Agent, parts: ReplicaParts) {
    this.id = parts.replica;
    this.parts = parts;
    const sessions = hasSessions(agent) ? sessionsOf(agent, parts) : undefined;
    this.keeper = sessions?.keeper;
    this.actor = new Actor(agent, {
      ...parts,
      sessions,
      emit: (kind, fields) => this.announce(kind, fields),
      tierOf: (method, { shared }) =>
        shared ? parts.caches.tierOf(agent.contract, method, this.id) : undefined,
    });
    this.line = new ReplyLine(parts.transport, parts.clock, parts.subjects, parts.desk, this.id);
    const { actor, line } = this;
    this.reception = new Reception({
      actor,
      line,
      subject: parts.subjects.agent(actor.name),
    });
    if (parts.lanes)
      this.lane = new PoolLane({
        ...parts,
        actor,
        onArrival: (arrival) => this.reception.adopt(arrival),
      });
    const { shelves } = parts;
    if (shelves) this.intake = new Intake({ ...parts, actor, shelves });
  }

  /**
   * Resolves when the server routes requests here.
   * @throws MeshError `unavailable` when `onStart` fails, `forbidden` when NATS lacks the permission
   */
  async start(): Promise<void> {
    try {
      if (this.keeper) await this.parts.shelf.bucket();
      await this.actor.start();
      if (this.stopping) throw leaving(this.actor.name);
      await this.join();
    } catch (error) {
      // R4
      this.leaveAtOnce();
      this.stopSharing();
      this.parts.services.remove(this);
      this.parts.caches.remove(this.actor);
      this.line.close();
      await this.actor.close();
      this.isGone = true;
      this.parts.book.fold(this);
      throw asMeshError(error);
    }
    this.announce("started", { version: this.actor.agent.contract.version });
  }

  private async join(): Promise<void> {
    const { transport, subjects, services, caches, book } = this.parts;
    const { name } = this.actor;
    // R1: the actor has started.
    this.line.open((message) => this.reception.receiveDirect(message));
    this.keeper?.open();
    for (const subject of [subjects.agent(name), subjects.anyMethod(name)]) {
      const receive = (message: Message): void => this.reception.receive(message);
      this.group.push(transport.subscribe(subject, receive, { queue: POOL_GROUP }));
    }
    services.add(this);
    book.add(this);
    caches.add(this.actor);
    await transport.flush();
    const refused = this.group.find(({ refusal }) => refusal !== undefined);
    if (!refused) return this.share();
    throw new MeshError("forbidden", `NATS does not let this user serve "${name}": ${refused.refusal}.`, {
      agent: name,
    });
  }

  /** From now on others may have its requests, and it takes tasks. */
  private async share(): Promise<void> {
    const { actor, lane, intake } = this;
    actor.sharing = together([lane, intake]);
    lane?.open();
    await intake?.open();
  }

  get name(): string {
    return this.actor.name;
  }

  /** Undefined for one that shares its load with nobody. */
  get moved(): MovedFigures | undefined {
    return this.lane?.moved;
  }

  /** Attempts at durable tasks, by what has become of the task. */
  get tasks(): TaskFigures {
    return this.intake?.counts ?? NO_TASKS;
  }

  /** It is in its pool. */
  get serves(): boolean {
    return this.group.length > 0;
  }

  get phase(): ReplicaPhase {
    const { isGone, actor, leaving, stopping, serves } = this;
    if (isGone) return "gone";
    if (actor.closed) return "stopping";
    if (leaving ?? stopping) return "draining";
    if (actor.lives.isHeld) return "held";
    return serves ? "serving" : "starting";
  }

  /** It stays in its pool: what comes meanwhile waits. */
  hold(why: string): void {
    this.actor.lives.hold(why);
    this.announce("halted", { why });
  }

  halt(): Promise<void> {
    return this.actor.lives.halt();
  }

  async revive(): Promise<void> {
    await this.actor.lives.revive();
    if (this.stopping) return;
    this.announce("restarted", { restarts: this.actor.lives.renewals });
  }

  /** Leaves, and tells those that wait here that another may take their requests. */
  async retire(): Promise<void> {
    const { clock, onRetire } = this.parts;
    onRetire?.(this);
    await within(clock, LEAVE_MS, this.leave());
    // A drain that is under way waits no longer for what is here.
    void this.actor.close();
    await this.stop(0);
  }

  /** Leaves the pool. Resolves when everything that was sent here has arrived. Idempotent. */
  leave(): Promise<void> {
    this.leaving ??= this.leaveGroup();
    return this.leaving;
  }

  /**
   * Leaves the pool and finishes what is here; what is not done after `timeoutMs` is told so, as retryable.
   * Idempotent.
   * @param quiet resolves when nothing more is expected of this replica; default: when it is idle
   */
  stop(timeoutMs: number, quiet?: Promise<void>): Promise<void> {
    this.stopping ??= this.finish(timeoutMs, quiet ?? this.leave().then(() => this.actor.idle()));
    return this.stopping;
  }

  private async leaveGroup(): Promise<void> {
    const { transport, services } = this.parts;
    services.remove(this);
    this.actor.lives.leave();
    void this.intake?.leave();
    // R1: a subscription that is left while the connection is down would be made again when it is back.
    if (transport.status !== "connected") {
      this.lane?.leaving();
      return this.leaveAtOnce();
    }
    const stop = transport.onStatus(({ type }) => {
      if (type === "disconnected") this.leaveAtOnce();
    });
    // R2: what was sent before still arrives.
    await Promise.allSettled(this.group.map((each) => each.drain()));
    stop();
    this.hasAll = this.serves;
    // What waits goes to others; what cannot is finished here.
    this.lane?.leaving();
  }

  /** Whatever was on its way from other replicas has come, and is finished. */
  private async settled(): Promise<void> {
    await this.lane?.settled();
    await this.actor.idle();
    await this.intake?.settled();
  }

  private stopSharing(): void {
    this.actor.sharing = undefined;
    this.lane?.close();
    this.intake?.close();
  }

  private leaveAtOnce(): void {
    for (const each of this.group) each.unsubscribe();
    this.group = [];
  }

  private async finish(timeoutMs: number, quiet: Promise<void>): Promise<void> {
    const { transport, clock, log, caches, book } = this.parts;
    const until = clock.now() + timeoutMs;
    const hush = clock.after(PATIENCE_MS, () => {
      if (!this.actor.isIdle) this.actor.log.warn(this.actor.load, "the drain waits for what is still here");
    });
    await within(
      clock,
      timeoutMs,
      quiet.then(() => this.settled()),
    );
    hush();
    this.leaveAtOnce();
    this.stopSharing();
    const stopMs = Math.max(LEAST_STOP_MS, until - clock.now());
    if (!(await within(clock, stopMs, this.actor.close()))) {
      log.warn({ agent: this.actor.name, replica: this.id }, "onStop has not finished: it is left to itself");
    }
    caches.remove(this.actor);
    // What was given up has tasks among it: they are counted when it is written down what becomes of them.
    if (this.intake && transport.status === "connected") await within(clock, LEAVE_MS, this.intake.settled());
    book.fold(this);
    this.announce("stopped", { version: this.actor.agent.contract.version });
    if (transport.status === "connected") {
      if (this.hasAll) this.line.sayLeft();
      // A connection that swallows everything is not waited for.
      await within(
        clock,
        LEAVE_MS,
        transport.flush().catch(() => {}),
      );
    }
    this.line.close();
    this.isGone = true;
  }

  private announce(kind: string, fields: Readonly<Record<string, unknown>> = {}): void {
    const { transport, subjects, log } = this.parts;
    const { name } = this.actor;
    try {
      const event = { kind, agent: name, replica: this.id, ...fields };
      transport.publish(subjects.event(kind, name), Buffer.from(JSON.stringify(event)));
    } catch (error) {
      log.debug({ reason: messageOf(error) }, `the ${kind} event of ${name} was not sent`);
    }
  }
}
