import type { Job } from "./actor/job.ts";
import { Loop } from "./actor/loop.ts";
import type { Control } from "./control/control.ts";
import { Oversight } from "./control/oversight.ts";
import { type StuckPolicy, stuckPolicyOf } from "./control/stuck-policy.ts";
import type { Dispatcher } from "./client/dispatcher.ts";
import { inheritedFrom } from "./client/inherited.ts";
import { MeshCaller } from "./client/mesh-caller.ts";
import { meshView } from "./client/mesh-view.ts";
import { MeshClient } from "./client.ts";
import { type Base, openBase } from "./connect.ts";
import type { Agent } from "./contract/agent.ts";
import type { Emit } from "./contract/context.ts";
import type { MethodContracts } from "./contract/contract.ts";
import type { Port } from "./contract/port.ts";
import { type Duration, toMs } from "./duration.ts";
import { stderrLogger } from "./logger.ts";
import { memberPort } from "./member-port.ts";
import type { MeshOptions, SessionStorage } from "./mesh-options.ts";
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
import { nodeName } from "./protocol/node-name.ts";
import { tokenOf } from "./protocol/token.ts";
import { SESSIONS } from "./session/place.ts";
import { taskSettings } from "./tasks/options.ts";
import { OwnShelves } from "./tasks/own-shelves.ts";
import { Shelves } from "./tasks/shelves.ts";
import { Journal } from "./tracing/journal.ts";
import { RequestSpans } from "./tracing/request-spans.ts";
import { DEFAULT_TREE_POLICY, type Tree } from "./supervision/tree.ts";

const STATS_INTERVAL = "1s";

interface MeshParts extends Pick<MeshOptions, "onEscalation" | "onDrain" | "around"> {
  readonly node: string;
  readonly hosted: Hosted;
  readonly dispatcher: Dispatcher;
  readonly journal: Journal;
  readonly lanes: boolean;
  readonly shelves: OwnShelves;
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
  private readonly shelves: OwnShelves;

  constructor(
    base: Base,
    { node, hosted, dispatcher, journal, lanes, shelves, sessions, stuck, ...told }: MeshParts,
  ) {
    super(base, dispatcher);
    this.node = node;
    this.shelves = shelves;
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
            shelves: shelves.taken,
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
    await this.shelves.open();
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
    shelves: new OwnShelves(settings && new Shelves(base.transport.store, base.subjects.root, settings), {
      ...base,
      areOptional: tasks === "if-possible",
    }),
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
