import { randomBytes } from "node:crypto";
import type { Job } from "./actor/job.ts";
import { spanOf, traceOf } from "./actor/job-context.ts";
import type { Dispatcher, Inherited } from "./client/dispatcher.ts";
import { MeshCaller } from "./client/mesh-caller.ts";
import { MeshClient } from "./client.ts";
import { type Base, type ConnectOptions, openBase } from "./connect.ts";
import type { Agent } from "./contract/agent.ts";
import type { MethodContracts } from "./contract/contract.ts";
import { type Duration, toMs } from "./duration.ts";
import { MeshError } from "./errors.ts";
import { stderrLogger } from "./logger.ts";
import { Hosted } from "./pool/hosted.ts";
import { POOL_GROUP, Replica } from "./pool/replica.ts";
import { Services } from "./pool/services.ts";

export interface MeshOptions extends ConnectOptions {
  /** Name of this node; the ids of its replicas begin with it. Default: random. */
  node?: string;
  /**
   * `"prefer"`: a call to an agent that this mesh serves itself, and that has a free slot, does not cross the network
   * and is not serialised. Default `"never"`.
   */
  local?: "prefer" | "never";
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

/** A member of a mesh: calls agents, and serves them. */
export class Mesh extends MeshClient {
  /** Name of this node. */
  readonly node: string;
  private readonly services: Services;
  private readonly hosted: Hosted;
  /** Replicas that finish their work now, whoever asked them to. */
  private readonly leaving = new Set<Promise<void>>();
  private serial = 0;
  private isClosing = false;

  constructor(base: Base, node: string, hosted: Hosted, dispatcher: Dispatcher) {
    super(base, dispatcher);
    this.node = node;
    this.hosted = hosted;
    this.services = new Services(base.transport, base.subjects, POOL_GROUP);
  }

  /**
   * Adds a replica of an agent to its pool. Resolves when requests are routed to it.
   * @throws MeshError `unavailable` with the cause when its `state` or `onStart` fails, or when the mesh closes;
   *   `forbidden` when NATS does not let this user serve it
   */
  async serve<M extends MethodContracts>(agent: Agent<M>): Promise<Hosting> {
    if (this.isClosing) throw closingError(agent.contract.name);
    const { transport, subjects, clock, deadlines, log } = this.base;
    const replica = new Replica(agent, {
      replica: `${this.node}-${++this.serial}`,
      transport,
      subjects,
      clock,
      deadlines,
      log,
      services: this.services,
      callerFor: (job) => new MeshCaller(this.dispatcher, () => inheritedFrom(job)),
    });
    await replica.start();
    if (this.isClosing) {
      await this.stop(replica, toMs(DRAIN_TIMEOUT));
      throw closingError(agent.contract.name);
    }
    this.hosted.add(replica);
    return {
      agent: replica.actor.name,
      id: replica.id,
      get load() {
        const { waiting, inFlight, slots } = replica.actor;
        return { waiting, running: inFlight, slots };
      },
      stop: async ({ timeout = DRAIN_TIMEOUT } = {}) => {
        const timeoutMs = toMs(timeout, "timeout");
        this.hosted.remove(replica);
        await this.stop(replica, timeoutMs);
      },
    };
  }

  /**
   * Stops every replica: all of them leave their pools at once, and none stops before all are idle, since what still
   * runs in one may need another.
   */
  async drain({ timeout = DRAIN_TIMEOUT }: { timeout?: Duration } = {}): Promise<void> {
    const timeoutMs = toMs(timeout, "timeout");
    const replicas = this.hosted.takeAll();
    const left = Promise.all(replicas.map((replica) => replica.leave()));
    const quiet = left.then(() => idle(replicas));
    for (const replica of replicas) void this.stop(replica, timeoutMs, quiet);
    await Promise.all(this.leaving);
    this.hosted.forget(replicas);
  }

  /** Drains, then closes. Idempotent. */
  protected override async shutDown(): Promise<void> {
    this.isClosing = true;
    await this.drain();
    await super.shutDown();
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
  const { node, local = "never", logger = stderrLogger, ...rest } = options;
  const name = nodeName(node);
  const base = await openBase({ ...rest, logger: logger.child({ node: name }) });
  const hosted = new Hosted(local === "prefer");
  return new Mesh(base, name, hosted, base.dispatcher(hosted));
}

/** Resolves when all are idle at the same time. */
async function idle(replicas: readonly Replica[]): Promise<void> {
  do await Promise.all(replicas.map(({ actor }) => actor.idle()));
  while (replicas.some(({ actor }) => !actor.isIdle));
}

function closingError(agent: string): MeshError {
  return new MeshError("unavailable", `"${agent}" is not served: this mesh is closing.`, {
    agent,
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
