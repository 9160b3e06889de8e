/**
 * The client alone, for apps that call agents and serve none.
 *
 *     const mesh = await connect({ servers: "nats://127.0.0.1:4222" });
 *     const { summary } = await mesh.agent(summarizer).summarize({ text }, { timeout: "10s" });
 *     await mesh.close();
 */
import { AnswerCache } from "./client/answer-cache.ts";
import type { AgentInfo } from "./client/agent-info.ts";
import type { Directory, Ping } from "./client/directory.ts";
import type { Dispatcher } from "./client/dispatcher.ts";
import type { GatherOptions } from "./client/gather.ts";
import { type Observed, Observer } from "./client/observe.ts";
import type { ReplicaStats } from "./client/replica-stats.ts";
import { Nodes } from "./control/nodes.ts";
import { type Base, type ConnectOptions, openBase } from "./connect.ts";
import type { StreamMethod, UnaryMethod } from "./contract/caller.ts";
import { MeshCaller, nameOf } from "./client/mesh-caller.ts";
import type { SubmitOptions } from "./tasks/options.ts";
import { StoredSessions } from "./session/stored-sessions.ts";
import { Tasks } from "./tasks/tasks.ts";
import type { Ticket } from "./tasks/ticket.ts";
import type { ServerInfo, StatusEvent, Transport, TransportStatus } from "./transport/transport.ts";

/** A client of a mesh. */
export class MeshClient extends MeshCaller implements AsyncDisposable {
  /** Subject root of the mesh. */
  readonly root: string;
  /** Answers that replicas keep. */
  readonly cache: AnswerCache;
  protected readonly base: Base;
  private readonly transport: Transport;
  private readonly directory: Directory;
  /** Durable tasks: those that were submitted, and those that have failed for good. */
  readonly tasks: Tasks;
  /** What is stored of the sessions of agents. */
  readonly sessions: StoredSessions;
  /** The nodes of the mesh: what they do now, and what they are told. */
  readonly nodes: Nodes;
  private closing: Promise<void> | undefined;

  constructor(base: Base, dispatcher: Dispatcher) {
    super(dispatcher);
    this.tasks = new Tasks(base);
    this.sessions = new StoredSessions(base);
    this.nodes = new Nodes(base);
    this.base = base;
    this.root = base.subjects.root;
    this.cache = new AnswerCache(base);
    this.transport = base.transport;
    this.directory = base.directory;
  }

  /**
   * Keeps a request until it is done: it survives this process, its workers, and a restart of NATS. Resolves when NATS has
   * it.
   *
   *     const ticket = await mesh.submit("writer.prompt", "A poem on the sea", { id: "poem-17" });
   *     const poem = await ticket.result();
   *
   * @param target a name, or a method of a handle: `mesh.agent(writer).prompt` gives a typed result
   * @throws MeshError `bad_request`; `conflict` when the id belongs to a task for somebody else; `overloaded` when the
   *   queue is full; `too_large`; `unavailable` where no node takes tasks
   */
  submit<I, O>(target: UnaryMethod<I, O>, input: I, options?: SubmitOptions): Promise<Ticket<O>>;
  submit<I, C>(target: StreamMethod<I, C>, input: I, options?: SubmitOptions): Promise<Ticket<C[]>>;
  submit(target: string, input?: unknown, options?: SubmitOptions): Promise<Ticket>;
  submit(target: string | object, input?: unknown, options?: SubmitOptions): Promise<Ticket> {
    return this.tasks.submit(typeof target === "string" ? target : nameOf(target), input, options);
  }

  get status(): TransportStatus {
    return this.transport.status;
  }

  /** The NATS server that it is connected to, or was last; undefined where there is none. */
  get server(): ServerInfo | undefined {
    return this.transport.server;
  }

  /** Calls `listener` when the connection changes; the returned function stops it. */
  onStatus(listener: (event: StatusEvent) => void): () => void {
    return this.transport.onStatus(listener);
  }

  /** One agent, or all of them, as their replicas describe them now. Takes about 150 ms. */
  discover(agent?: string, options?: GatherOptions): Promise<AgentInfo[]> {
    return this.directory.discover(agent, options);
  }

  /** What each replica has done since it started. Takes about 150 ms. */
  stats(agent?: string, options?: GatherOptions): Promise<ReplicaStats[]> {
    return this.directory.stats(agent, options);
  }

  /** Round trips to every replica of one agent, or of all, nearest first. */
  ping(agent?: string, options?: GatherOptions): Promise<Ping[]> {
    return this.directory.ping(agent, options);
  }

  /** Watches requests, outcomes and events as they happen; the returned function stops it. */
  observe(listener: (observed: Observed) => void): () => void {
    const observer = new Observer(this.base, listener);
    return () => observer.stop();
  }

  /** Ends every call that still waits, then lets go of the connection. Idempotent. */
  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  protected async shutDown(): Promise<void> {
    await this.dispatcher.close();
    this.base.deadlines.clear();
    await this.base.lease.release();
  }
}

/**
 * Connects to a mesh.
 * @throws MeshError `unavailable` when NATS does not answer, `unauthorized` when it refuses the credentials
 */
export async function connect(options: ConnectOptions = {}): Promise<MeshClient> {
  const base = await openBase(options);
  return new MeshClient(base, base.dispatcher());
}

export type { ConnectOptions } from "./connect.ts";
export type { AnswerCache, ClearOptions, ClearedAnswers } from "./client/answer-cache.ts";
export type { AgentInfo, MethodInfo, ReplicaInfo } from "./client/agent-info.ts";
export type { Ping } from "./client/directory.ts";
export type { ControlRequest } from "./control/control-request.ts";
export type { NodeInspection, ReplicaInspection, RequestInspection } from "./control/inspection.ts";
export type { NodeAnswer, Nodes } from "./control/nodes.ts";
export type { AttemptRecord, CallRecord, RequestRecord, SpanRecord, TraceRecord } from "./tracing/record.ts";
export type { GatherOptions } from "./client/gather.ts";
export type { Observed } from "./client/observe.ts";
export type { CacheFigures, MethodFigures, ReplicaStats } from "./client/replica-stats.ts";
export { nearest } from "./client/suggest.ts";
export { batch } from "./batch/batch.ts";
export type {
  Batch,
  BatchOptions,
  BatchProgress,
  BatchTask,
  BatchWorker,
  Items,
  Settled,
} from "./batch/options.ts";
export type {
  AgentHandle,
  CallBatchOptions,
  CallOptions,
  CallPolicies,
  Caller,
  MeshStream,
  Served,
  StreamMethod,
  StreamOptions,
  UnaryMethod,
} from "./contract/caller.ts";
export type { Concurrency, ConcurrencyPolicy, LimitPolicy } from "./limit/concurrency.ts";
export type { SessionInfo, StoredSessions } from "./session/stored-sessions.ts";
export type { DeadTask, TaskInfo } from "./tasks/info.ts";
export type { SubmitOptions } from "./tasks/options.ts";
export type { TaskAttempt, TaskState } from "./tasks/record.ts";
export type { TaskFilter, Tasks } from "./tasks/tasks.ts";
export type { Ticket, WaitOptions } from "./tasks/ticket.ts";
export { type Duration, toMs } from "./duration.ts";
export type { AskOptions, Asking, OnAsk, Question } from "./contract/question.ts";
export type { HedgeOptions, Jitter, RetryOptions } from "./policy/options.ts";
export type { ItemError, ItemResult, Many } from "./pipeline/methods.ts";
export type { PipelineEvent, Watched } from "./pipeline/events.ts";
export type { PipelineFailure } from "./pipeline/stage-failure.ts";
export type { FailedAttempt } from "./policy/attempts.ts";
export type { Priority } from "./protocol/priority.ts";
export type { Trace } from "./protocol/trace.ts";
export type { CacheNote, Degraded, ReplyMetadata, ServedBy } from "./protocol/metadata.ts";
export { ERROR_CODES, type ErrorCode, MeshError } from "./errors.ts";
export type { ServerInfo, StatusEvent, TransportStatus } from "./transport/transport.ts";
