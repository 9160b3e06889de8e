import { randomBytes } from "node:crypto";
import type { Around } from "./actor/around.ts";
import type { Job } from "./actor/job.ts";
import { spanOf, traceOf } from "./actor/job-context.ts";
import { Loop } from "./actor/loop.ts";
import type { Dispatcher, Inherited } from "./client/dispatcher.ts";
import { MeshCaller } from "./client/mesh-caller.ts";
import { MeshClient } from "./client.ts";
import { type Base, type ConnectOptions, openBase } from "./connect.ts";
import type { Agent } from "./contract/agent.ts";
import type { Emit } from "./contract/context.ts";
import type { MethodContracts } from "./contract/contract.ts";
import { type Duration, toMs } from "./duration.ts";
import { MeshError } from "./errors.ts";
import { stderrLogger } from "./logger.ts";
import { reportBlock } from "./pool/block-report.ts";
import { type GrowParts, grow } from "./pool/grow.ts";
import { Hosted } from "./pool/hosted.ts";
import { POOL_GROUP, Replica } from "./pool/replica.ts";
import { Services } from "./pool/services.ts";
import type { Branch } from "./supervision/branch.ts";
import { DEFAULT_TREE_POLICY, type Tree } from "./supervision/tree.ts";
import { within } from "./within.ts";

export interface MeshOptions extends ConnectOptions {
  /** Name of this node; the ids of its replicas begin with it. Default: random. */
  node?: string;
  /**
   * `"prefer"`: a call to an agent that this mesh serves itself, and that has a free slot, does not cross the network
   * and is not serialised. Default `"never"`.
   */
  local?: "prefer" | "never";
  /**
   * Told when restarting actors does not help, or when one's `onFailure` escalates: those that were supervised together
   * are stopped by then. A process whose work this is should end, and be started again.
   */
  onEscalation?: (error: MeshError) => void;
  /** Runs every handler, and every hook of an agent: for an async context that tells where an error comes from. */
  around?: Around;
}

interface MeshParts extends Pick<MeshOptions, "onEscalation" | "around"> {
  readonly node: string;
  readonly hosted: Hosted;
  readonly dispatcher: Dispatcher;
}

export interface Hosting {
  readonly agent: string;
  /** The replica's id. */
  readonly id: string;
  /** Requests waiting and running now. */
  readonly load: { waiting: number; running: number; slots: number };
  /** Leaves the pool, finishes what is here, stops. What is not done by then is told so. Default 25 s. */
  stop(options?: { timeout?: Duration }): Promise<void>;
}

const DRAIN_TIMEOUT = "25s";
/** What actors that are given up may take to stop before somebody is told. */
const GIVE_UP_MS = 5_000;

/** A member of a mesh: calls agents, and serves them. */
export class Mesh extends MeshClient {
  /** Name of this node. */
  readonly node: string;
  private readonly hosted: Hosted;
  private readonly growing: GrowParts;
  private readonly branches = new Set<Branch>();
  /** Trees of which the last one has not started yet. */
  private readonly starting = new Set<readonly Replica[]>();
  private readonly onEscalation: MeshOptions["onEscalation"];
  /** Replicas that finish their work now, whoever asked them to. */
  private readonly leaving = new Set<Promise<void>>();
  private serial = 0;
  private isClosing = false;

  constructor(base: Base, { node, hosted, dispatcher, onEscalation, around }: MeshParts) {
    super(base, dispatcher);
    this.node = node;
    this.hosted = hosted;
    this.onEscalation = onEscalation;
    const { transport, subjects, clock, deadlines, log } = base;
    const services = new Services(transport, subjects, POOL_GROUP);
    const loop = new Loop<Job>(clock, (block) => reportBlock(block, { log, hosted, emit: this.emit }));
    deadlines.onTick = (now, lateMs) => loop.tick(now, lateMs);
    const parts = { transport, subjects, clock, deadlines, log, services, loop, around };
    this.growing = {
      clock,
      log,
      replicaOf: (agent, onFailure) =>
        new Replica(agent, {
          ...parts,
          replica: `${node}-${++this.serial}`,
          callerFor: (job) => new MeshCaller(dispatcher, () => inheritedFrom(job)),
          onFailure,
          onRetire: (replica) => hosted.remove(replica),
        }),
    };
  }

  /**
   * Adds a replica of an agent to its pool. Resolves when requests are routed to it.
   * @throws MeshError `unavailable` with the cause when its `state` or `onStart` fails, or when the mesh closes;
   *   `forbidden` when NATS does not let this user serve it
   */
  async serve<M extends MethodContracts>(agent: Agent<M>): Promise<Hosting> {
    const { name } = agent.contract;
    const alone: Tree = {
      name: `the supervisor of "${name}"`,
      children: [agent],
      policy: DEFAULT_TREE_POLICY,
    };
    const [hosting] = await this.supervise(alone);
    return hosting as Hosting;
  }

  /**
   * Adds a replica of each agent of a tree to its pool, in order, and restarts and stops them as the tree says. Resolves
   * when requests are routed to all of them.
   * @returns the replicas, in the order in which they were started
   * @throws MeshError as `serve` does; those that were started already are stopped again
   */
  async supervise(tree: Tree): Promise<Hosting[]> {
    if (this.isClosing) throw closingError(tree);
    const { branch, leaves } = grow(tree, this.growing, (failed, error) => void this.giveUp(failed, error));
    const family = leaves.map(({ replica }) => replica);
    this.starting.add(family);
    try {
      await branch.start();
    } catch (error) {
      this.starting.delete(family);
      throw error;
    }
    // A drain has taken it meanwhile.
    if (!this.starting.delete(family)) {
      await branch.retire();
      throw closingError(tree);
    }
    this.branches.add(branch);
    this.hosted.add(family);
    return leaves.map(({ replica, release }) =>
      this.hostingOf(replica, () => {
        release();
        if (branch.isEmpty) this.branches.delete(branch);
      }),
    );
  }

  /**
   * Stops every replica: all of them leave their pools at once, and none stops before all are idle, since what still
   * runs in one may need another. Those of a tree stop one after the other, in reverse order of their start. What is
   * starting still is not waited for: its `serve` or `supervise` fails.
   */
  async drain({ timeout = DRAIN_TIMEOUT }: { timeout?: Duration } = {}): Promise<void> {
    const timeoutMs = toMs(timeout, "timeout");
    const families = [...this.hosted.takeAll(), ...this.takeStarted()];
    const replicas = families.flat();
    const left = Promise.all(replicas.map((replica) => replica.leave()));
    const quiet = left.then(() => idle(replicas));
    for (const family of families) {
      let before = quiet;
      for (const replica of family) before = this.stop(replica, timeoutMs, before);
    }
    await Promise.all(this.leaving);
    this.hosted.forget(replicas);
    await Promise.all([...this.branches].map((branch) => branch.retire()));
    this.branches.clear();
  }

  /** Publishes an event of this node. */
  readonly emit: Emit = (kind, fields = {}) => {
    const { transport, subjects } = this.base;
    const event = { kind, node: this.node, ...fields };
    transport.publish(subjects.event(kind, this.node), Buffer.from(JSON.stringify(event)));
  };

  /** Drains, then closes. Idempotent. */
  protected override async shutDown(): Promise<void> {
    this.isClosing = true;
    await this.drain();
    await super.shutDown();
  }

  /** Of each tree that is starting: the replicas that serve, the last one started first. */
  private takeStarted(): Replica[][] {
    const all = [...this.starting].map((family) => family.filter(({ serves }) => serves).toReversed());
    this.starting.clear();
    return all;
  }

  private hostingOf(replica: Replica, release: () => void): Hosting {
    return {
      agent: replica.actor.name,
      id: replica.id,
      get load() {
        const { waiting, inFlight, slots } = replica.actor;
        return { waiting, running: inFlight, slots };
      },
      stop: async ({ timeout = DRAIN_TIMEOUT } = {}) => {
        const timeoutMs = toMs(timeout, "timeout");
        release();
        this.hosted.remove(replica);
        await this.stop(replica, timeoutMs);
      },
    };
  }

  /** Nobody is left who could restart what has failed. */
  private async giveUp(branch: Branch, error: MeshError): Promise<void> {
    this.base.log.error({ err: error.cause ?? error }, error.message);
    this.branches.delete(branch);
    await within(this.base.clock, GIVE_UP_MS, branch.retire());
    this.onEscalation?.(error);
  }

  private stop(replica: Replica, timeoutMs: number, quiet?: Promise<void>): Promise<void> {
    const stopped = replica.stop(timeoutMs, quiet).finally(() => this.leaving.delete(stopped));
    this.leaving.add(stopped);
    return stopped;
  }
}

/**
 * Connects to a mesh, to call agents and to serve them.
 * @throws MeshError `unavailable` when NATS does not answer, `unauthorized` when it refuses the credentials,
 *   `bad_request` for options that make no sense
 */
export async function connect(options: MeshOptions = {}): Promise<Mesh> {
  const { node, local = "never", onEscalation, around, logger = stderrLogger, ...rest } = options;
  const name = nodeName(node);
  const base = await openBase({ ...rest, logger: logger.child({ node: name }) });
  const hosted = new Hosted(local === "prefer");
  return new Mesh(base, {
    node: name,
    hosted,
    dispatcher: base.dispatcher(hosted),
    ...(onEscalation ? { onEscalation } : {}),
    ...(around ? { around } : {}),
  });
}

/** Resolves when all are idle at the same time. */
async function idle(replicas: readonly Replica[]): Promise<void> {
  do await Promise.all(replicas.map(({ actor }) => actor.idle()));
  while (replicas.some(({ actor }) => !actor.isIdle));
}

function closingError({ children: [first] }: Tree): MeshError {
  const name = first && "contract" in first ? first.contract.name : first?.name;
  return new MeshError("unavailable", `"${name}" is not served: this mesh is closing.`, {
    agent: name,
    retryable: false,
  });
}

/** Random unless given: a node that starts again is another node. */
function nodeName(name: string | undefined): string {
  const unique = BigInt(`0x${randomBytes(5).toString("hex")}`)
    .toString(36)
    .padStart(8, "0");
  if (name === undefined) return unique;
  if (/^[A-Za-z0-9_-]{1,63}$/.test(name)) return `${name}-${unique}`;
  throw new MeshError(
    "bad_request",
    `node name ${JSON.stringify(name)} is not valid: use 1 to 63 letters, digits, "_" and "-".`,
  );
}

function inheritedFrom(job: Job): Inherited {
  const { traceId, sampled } = traceOf(job);
  return {
    chain: [...job.inbound.chain, job.actor.name],
    trace: { traceId, spanId: spanOf(job.inbound.id), sampled },
    deadlineAt: job.expiresAt,
    signal: job.signal,
    retries: job.inbound.retries,
    undegraded: job.inbound.undegraded,
  };
}
