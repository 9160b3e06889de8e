import { randomBytes } from "node:crypto";
import type { Around } from "./actor/around.ts";
import type { Job } from "./actor/job.ts";
import { Loop } from "./actor/loop.ts";
import type { Control } from "./control/control.ts";
import { Oversight } from "./control/oversight.ts";
import { type StuckOptions, type StuckPolicy, stuckPolicyOf } from "./control/stuck-policy.ts";
import type { Dispatcher, Inherited } from "./client/dispatcher.ts";
import { MeshCaller } from "./client/mesh-caller.ts";
import { meshView } from "./client/mesh-view.ts";
import { MeshClient } from "./client.ts";
import { type Base, type ConnectOptions, openBase } from "./connect.ts";
import type { Agent } from "./contract/agent.ts";
import type { Emit } from "./contract/context.ts";
import type { MethodContracts } from "./contract/contract.ts";
import type { Port } from "./contract/port.ts";
import { type Duration, toMs } from "./duration.ts";
import { MeshError } from "./errors.ts";
import { stderrLogger } from "./logger.ts";
import { memberPort } from "./member-port.ts";
import { reportBlock } from "./pool/block-report.ts";
import { BucketMemory } from "./memory/bucket-memory.ts";
import { MEMORIES } from "./memory/bucket-space.ts";
import { checkKey } from "./memory/key.ts";
import type { Memory } from "./memory/memory.ts";
import { AnswerCaches } from "./pool/cache/answer-caches.ts";
import { Desk } from "./transport/desk.ts";
import { Grove } from "./pool/grove.ts";
import { NodeBook } from "./pool/node-book.ts";
import type { NodeFigures } from "./stats/figures.ts";
import { StatsPublisher } from "./stats/publisher.ts";
import { Hosted } from "./pool/hosted.ts";
import { DRAIN_TIMEOUT, type Hosting } from "./pool/hosting.ts";
import { POOL_GROUP, Replica } from "./pool/replica.ts";
import { Shelf } from "./transport/shelf.ts";
import { Services } from "./pool/services.ts";
import { positiveMs } from "./policy/options.ts";
import { tokenOf } from "./protocol/token.ts";
import { SESSIONS } from "./session/place.ts";
import { type TaskOptions, taskSettings } from "./tasks/options.ts";
import { Shelves } from "./tasks/shelves.ts";
import { Journal } from "./tracing/journal.ts";
import { RequestSpans } from "./tracing/request-spans.ts";
import { passed } from "./within.ts";
import { DEFAULT_TREE_POLICY, type Tree } from "./supervision/tree.ts";

export interface MeshOptions extends ConnectOptions {
  /** Name of this node; the ids of its replicas begin with it. Default: random. */
  node?: string;
  /**
   * `"prefer"`: a call to an agent that this mesh serves itself, and that has a free slot, does not cross the network
   * and is not serialised. Default `"never"`.
   */
  local?: "prefer" | "never";
  /**
   * `false`: the replicas of this node neither give waiting requests to others of their pool nor take theirs. Default true.
   */
  lanes?: boolean;
  /**
   * Its agents take durable tasks too: what `submit` and `nats req mesh.task.…` keep in JetStream. Streams are made where
   * they are missing, and changed where they are otherwise. `"if-possible"`: where NATS has no JetStream, or does not let
   * this user make what is missing, it takes none, and says so in the log. Default false.
   */
  tasks?: boolean | "if-possible" | TaskOptions;
  /** How sessions and memories are kept, by those of its agents that have some. Default: one copy, with no limit but the server's. */
  sessions?: SessionStorage;
  /** How often this node tells its figures, while it serves agents and has something to tell; `false`: never. Default 1 s. */
  stats?: false | { interval?: Duration };
  /**
   * Told when restarting actors does not help, or when one's `onFailure` escalates: those that were supervised together
   * are stopped by then. A process whose work this is should end, and be started again.
   */
  onEscalation?: (error: MeshError) => void;
  /**
   * Told when somebody drains this node over NATS: a process whose work this is should drain and end. Default: it drains,
   * and goes on without agents.
   */
  onDrain?: () => void;
  /** Requests that run far longer than theirs do are told as events. `false`: they are not. */
  stuck?: StuckOptions | false;
  /** Runs every handler, and every hook of an agent: for an async context that tells where an error comes from. */
  around?: Around;
}

/** Where NATS has JetStream, and that does not answer yet. */
const OPEN_TRIES = 10;
const OPEN_AGAIN_MS = 1_000;
const STATS_INTERVAL = "1s";

export interface SessionStorage {
  /** NATS servers that have a copy, from 1 to 5. Default 1. */
  readonly replicas?: number;
  /** Bytes that all sessions of the mesh may take. */
  readonly maxBytes?: number;
}

interface MeshParts extends Pick<MeshOptions, "onEscalation" | "onDrain" | "around"> {
  readonly node: string;
  readonly hosted: Hosted;
  readonly dispatcher: Dispatcher;
  readonly journal: Journal;
  readonly lanes: boolean;
  /** Undefined for one that takes no tasks. */
  readonly shelves: Shelves | undefined;
  readonly areTasksOptional: boolean;
  readonly sessions: SessionStorage;
  /** Undefined for one that does not look. */
  readonly stuck: StuckPolicy | undefined;
  /** Undefined for one that does not tell its figures. */
  readonly statsEveryMs: number | undefined;
}

/** A member of a mesh: calls agents, and serves them. */
export class Mesh extends MeshClient {
  /** Name of this node. */
  readonly node: string;
  /** Its connection to NATS, for protocols that are spoken beside the mesh's own. */
  readonly port: Port;
  /** What this node can be asked over NATS while it runs, and what it is told. */
  readonly control: Control;
  private readonly leaving: AbortController = new AbortController();
  private readonly grove: Grove;
  private readonly desk: Desk;
  private readonly memories: Shelf;
  private readonly book: NodeBook;
  private readonly oversight: Oversight;
  private readonly publisher: StatsPublisher | undefined;
  private shelves: Shelves | undefined;
  private readonly areTasksOptional: boolean;

  constructor(
    base: Base,
    {
      node,
      hosted,
      dispatcher,
      journal,
      lanes,
      shelves,
      areTasksOptional,
      sessions,
      stuck,
      ...told
    }: MeshParts,
  ) {
    super(base, dispatcher);
    this.node = node;
    this.shelves = shelves;
    this.areTasksOptional = areTasksOptional;
    const { transport, subjects, clock, deadlines, log } = base;
    const services = new Services(transport, subjects, POOL_GROUP);
    const loop = new Loop<Job>(clock, (block) => reportBlock(block, { log, hosted, emit: this.emit }));
    deadlines.onTick = (now, lateMs) => loop.tick(now, lateMs);
    const desk = new Desk(transport);
    this.desk = desk;
    this.book = new NodeBook(node, clock, transport);
    const { statsEveryMs: intervalMs, onEscalation, around, onDrain = () => void this.drain() } = told;
    const figures = (): NodeFigures => this.book.live;
    this.publisher =
      intervalMs === undefined
        ? undefined
        : new StatsPublisher({ node, transport, subjects, clock, log, figures, intervalMs });
    this.port = memberPort(transport, desk, clock, this.leaving.signal);
    this.oversight = new Oversight({ ...base, node, journal, stuck, onDrain });
    this.control = this.oversight.control;
    const caches = new AnswerCaches({ transport, subjects, clock, desk, log });
    const shelf = new Shelf(transport.store, subjects.root, SESSIONS, sessions);
    this.memories = new Shelf(transport.store, subjects.root, MEMORIES, sessions);
    const parts = {
      shelf,
      memories: this.memories,
      transport,
      subjects,
      port: this.port,
      clock,
      deadlines,
      log,
      services,
      loop,
      onLinger: this.oversight.lingered,
      around,
      journal,
      spans: base.tracer && new RequestSpans(base.tracer, base.wall),
      desk,
      caches,
      book: this.book,
      lanes,
      mesh: meshView(base),
    };
    let serial = 0;
    this.grove = new Grove({
      clock,
      log,
      hosted,
      onEscalation,
      replicaOf: (agent, onFailure) =>
        this.oversight.add(
          new Replica(agent, {
            ...parts,
            shelves: this.shelves,
            replica: `${node}-${++serial}`,
            callerFor: (job) => new MeshCaller(dispatcher, () => inheritedFrom(job)),
            onFailure,
            onRetire: (replica) => hosted.remove(replica),
          }),
        ),
    });
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
    await this.openShelves();
    this.publisher?.start();
    this.control.open();
    const replicas = await this.grove.plant(tree);
    this.oversight.host(replicas);
    return replicas;
  }

  /**
   * Memory that all nodes of the mesh have together, under a name. Kept as sessions are.
   * @param options.ttl what has not been written for so long is forgotten. Default: never
   */
  memory(name: string, { ttl }: { ttl?: Duration } = {}): Memory {
    const ttlMs = ttl === undefined ? undefined : toMs(ttl, "ttl");
    return new BucketMemory(this.memories, `_.${tokenOf(checkKey(name, "the name of a memory"))}`, ttlMs);
  }

  /**
   * Stops every replica: all of them leave their pools at once, and none stops before all are idle, since what still
   * runs in one may need another. Those of a tree stop one after the other, in reverse order of their start. What is
   * starting still is not waited for: its `serve` or `supervise` fails.
   */
  async drain({ timeout = DRAIN_TIMEOUT }: { timeout?: Duration } = {}): Promise<void> {
    await this.grove.drain(toMs(timeout, "timeout"));
  }

  private async openShelves(): Promise<void> {
    const { areTasksOptional, base } = this;
    for (let tries = 1; this.shelves; tries++) {
      try {
        return await this.shelves.open();
      } catch (error) {
        if (!areTasksOptional || !(error instanceof MeshError)) throw error;
        // A cluster may have no leader yet.
        if (error.retryable && tries < OPEN_TRIES) await passed(base.clock, OPEN_AGAIN_MS);
        else {
          this.shelves = undefined;
          base.log.warn({ reason: error.message }, "this node takes no durable tasks");
        }
      }
    }
  }

  /** What this node knows of itself: counts, times, and what it is doing now. Empty lists where it serves nothing. */
  figures(): NodeFigures {
    return this.book.snapshot;
  }

  /** Publishes an event of this node. */
  readonly emit: Emit = (kind, fields = {}) => {
    const { transport, subjects } = this.base;
    const event = { kind, node: this.node, ...fields };
    transport.publish(subjects.event(kind, this.node), Buffer.from(JSON.stringify(event)));
  };

  /** Drains, then closes. Idempotent. */
  protected override async shutDown(): Promise<void> {
    this.grove.close();
    this.leaving.abort();
    await this.drain();
    this.oversight.close();
    this.publisher?.stop();
    this.book.close();
    this.desk.shut();
    await super.shutDown();
  }
}

/**
 * Connects to a mesh, to call agents and to serve them.
 * @throws MeshError `unavailable` when NATS does not answer, `unauthorized` when it refuses the credentials,
 *   `bad_request` for options that make no sense
 */
export async function connect(options: MeshOptions = {}): Promise<Mesh> {
  const {
    node,
    local = "never",
    lanes = true,
    tasks = false,
    sessions = {},
    stuck = {},
    stats = {},
    onEscalation,
    onDrain,
    around,
    logger = stderrLogger,
    ...rest
  } = options;
  const name = nodeName(node);
  const stuckPolicy = stuck === false ? undefined : stuckPolicyOf(stuck);
  const base = await openBase({ ...rest, logger: logger.child({ node: name }) });
  const journal = new Journal(base.wall);
  const hosted = new Hosted(local === "prefer");
  const settings = tasks === false ? undefined : taskSettings(typeof tasks === "object" ? tasks : {});
  return new Mesh(base, {
    node: name,
    hosted,
    dispatcher: base.dispatcher(hosted, journal),
    journal,
    lanes,
    shelves: settings && new Shelves(base.transport.store, base.subjects.root, settings),
    areTasksOptional: tasks === "if-possible",
    sessions,
    stuck: stuckPolicy,
    ...(onDrain ? { onDrain } : {}),
    statsEveryMs:
      stats === false
        ? undefined
        : Math.max(1, Math.round(positiveMs(stats.interval ?? STATS_INTERVAL, "stats.interval"))),
    ...(onEscalation ? { onEscalation } : {}),
    ...(around ? { around } : {}),
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
  return {
    chain: [...job.inbound.chain, job.actor.name],
    trace: job.trace,
    deadlineAt: job.expiresAt,
    signal: job.signal,
    retries: job.inbound.retries,
    undegraded: job.inbound.undegraded,
    tokens: job.tokens,
    priority: job.inbound.priority,
    // What is passed on is the same request.
    session: job.actor.agent.relays ? job.inbound.session : undefined,
    onAsk: job.inbound.isAskable ? (question, asking) => job.questions.ask(question, asking) : undefined,
  };
}
