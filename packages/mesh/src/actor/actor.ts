import type { Clock } from "../clock.ts";
import type { Agent, LifecycleContext } from "../contract/agent.ts";
import type { Caller } from "../contract/caller.ts";
import { defaultMethodOf } from "../contract/contract.ts";
import type { Deadlines } from "../deadlines.ts";
import { MeshError, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Inbound } from "./inbound.ts";
import { Job } from "./job.ts";
import { Mailbox } from "./mailbox.ts";
import { Method } from "./method.ts";

/**
 * The running thing behind a replica: private state, a bounded mailbox, a number of slots.
 *
 * A1: at most `slots` handlers run at once; a reentrant request, whose caller holds a slot here already, is beside them.
 * A2: requests start in the order in which they came.
 * A3: one more than the mailbox holds is refused at once, with the time that the backlog needs.
 * A4: after `close` nothing starts, and everything that was here has ended.
 */

const DEFAULT_MAILBOX = 1_000;
/** Weight of the newest service time in the running mean. */
const SMOOTHING = 0.1;

export interface ActorParts {
  replica: string;
  clock: Clock;
  deadlines: Deadlines;
  log: Logger;
  /** A caller that inherits a job's deadline, signal, trace and chain. */
  callerFor: (job: Job) => Caller;
}

export class Actor {
  readonly agent: Agent;
  readonly name: string;
  readonly replica: string;
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly log: Logger;
  readonly slots: number;
  readonly methods: ReadonlyMap<string, Method>;
  readonly callerFor: (job: Job) => Caller;
  state: unknown;
  private readonly mailbox: Mailbox<Job>;
  private readonly running = new Set<Job>();
  private readonly defaultMethod: string | undefined;
  private closed = false;
  private serviceMs = 0;
  private idleWaiters: (() => void)[] = [];

  constructor(agent: Agent, parts: ActorParts) {
    this.agent = agent;
    this.name = agent.contract.name;
    this.replica = parts.replica;
    this.clock = parts.clock;
    this.deadlines = parts.deadlines;
    this.callerFor = parts.callerFor;
    this.log = parts.log.child({ agent: this.name, replica: parts.replica });
    this.slots = agent.concurrency ?? 1;
    this.mailbox = new Mailbox(agent.mailbox ?? DEFAULT_MAILBOX);
    this.defaultMethod = defaultMethodOf(agent.contract);
    this.methods = new Map(
      Object.entries(agent.contract.methods).map(([name, contract]) => [
        name,
        new Method(agent, name, contract),
      ]),
    );
  }

  get waiting(): number {
    return this.mailbox.size;
  }

  get inFlight(): number {
    return this.running.size;
  }

  /** Makes the state and runs `onStart`. @throws MeshError `unavailable` with the cause */
  async start(): Promise<void> {
    try {
      this.state = await this.agent.state?.();
      await this.agent.onStart?.(this.lifecycle());
    } catch (error) {
      throw new MeshError("unavailable", `agent "${this.name}" did not start: ${messageOf(error)}.`, {
        agent: this.name,
        retryable: false,
        cause: error,
      });
    }
  }

  /** Undefined when there is no such method. `name` is undefined for the default one. */
  methodNamed(name: string | undefined): Method | undefined {
    return this.methods.get(name ?? this.defaultMethod ?? "");
  }

  /** True when a request would start at once. */
  get hasFreeSlot(): boolean {
    return this.running.size < this.slots && this.mailbox.size === 0 && !this.closed;
  }

  /**
   * Takes a request, or answers why not.
   * @param method undefined for the default one
   * @returns the request's job; undefined when there is no such method
   */
  offer(method: string | undefined, inbound: Inbound): Job | undefined {
    const found = this.find(method, inbound);
    if (!found) return undefined;
    const job = new Job(this, found, inbound);
    const refusal = this.refusalOf(job);
    if (refusal) job.fail(refusal);
    else if (this.hasFreeSlot || inbound.chain.includes(this.name)) this.begin(job);
    else if (this.mailbox.push(job)) job.watch();
    else job.fail(this.overloaded());
    return job;
  }

  /** A job that was queued has ended. */
  forget(job: Job): void {
    this.mailbox.remove(job);
    this.settle();
  }

  /** A job's handler has returned. */
  release(job: Job): void {
    this.running.delete(job);
    const tookMs = this.clock.now() - job.startedAt;
    this.serviceMs = this.serviceMs === 0 ? tookMs : this.serviceMs + SMOOTHING * (tookMs - this.serviceMs);
    while (this.running.size < this.slots) {
      const next = this.mailbox.shift();
      if (!next) break;
      this.begin(next);
    }
    this.settle();
  }

  /** Resolves when nothing waits and nothing runs. */
  idle(): Promise<void> {
    if (this.running.size === 0 && this.mailbox.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.idleWaiters.push(resolve));
  }

  /** Ends whatever is still here, then runs `onStop`. Call it after `idle()` to lose nothing. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    for (let job = this.mailbox.shift(); job; job = this.mailbox.shift()) job.fail(this.leaving());
    for (const job of this.running) {
      job.fail(
        new MeshError(
          "replica_lost",
          `${job.method.target} was stopped while it ran: the outcome is unknown.`,
        ),
      );
    }
    try {
      await this.agent.onStop?.(this.lifecycle());
    } catch (error) {
      this.log.error({ err: error }, "onStop failed");
    }
  }

  private refusalOf({ inbound, method }: Job): MeshError | undefined {
    if (inbound.remainingMs <= 0) {
      return new MeshError("deadline_exceeded", `${method.target} was asked after its deadline.`);
    }
    if (this.closed) return this.leaving();
    if (inbound.chain.includes(this.name) && !this.agent.reentrant) return cycle(inbound.chain, this.name);
    return undefined;
  }

  private begin(job: Job): void {
    this.running.add(job);
    job.run();
  }

  private settle(): void {
    if (this.idleWaiters.length === 0 || this.running.size > 0 || this.mailbox.size > 0) return;
    for (const resolve of this.idleWaiters.splice(0)) resolve();
  }

  private find(name: string | undefined, inbound: Inbound): Method | undefined {
    const method = this.methodNamed(name);
    if (method) return method;
    const known = [...this.methods.keys()].map((each) => `${this.name}.${each}`).join(", ");
    const why = name
      ? `agent "${this.name}" has no method "${name}"`
      : `agent "${this.name}" has no default method: name one`;
    inbound.error(new MeshError("not_found", `${why}. It has ${known}.`));
    inbound.closed();
    return undefined;
  }

  private leaving(): MeshError {
    return new MeshError(
      "unavailable",
      `this replica of "${this.name}" is leaving: another may take the request.`,
    );
  }

  private overloaded(): MeshError {
    const { capacity, size } = this.mailbox;
    const backlogS = (size * this.serviceMs) / this.slots / 1_000;
    const retryAfterS = Math.max(0.01, Math.round(backlogS * 1_000) / 1_000);
    return new MeshError(
      "overloaded",
      `"${this.name}" has ${this.running.size} requests running and ${size} of ${capacity} waiting: ` +
        `try again in ${retryAfterS} s.`,
      { retryAfterS },
    );
  }

  private lifecycle(): LifecycleContext<never> {
    const read = (): unknown => this.state;
    const write = (state: unknown): void => {
      this.state = state;
    };
    const context: LifecycleContext<unknown> = {
      get state() {
        return read();
      },
      set state(state: unknown) {
        write(state);
      },
      log: this.log,
      replica: this.replica,
    };
    return context as LifecycleContext<never>;
  }
}

function cycle(chain: readonly string[], name: string): MeshError {
  return new MeshError(
    "conflict",
    `this request has come back to "${name}": ${[...chain, name].join(" → ")}. ` +
      "It would wait for itself; declare the agent `reentrant` if it may.",
  );
}
