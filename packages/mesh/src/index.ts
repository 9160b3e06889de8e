/**
 * Agents as actors on NATS.
 *
 *     const echo = defineAgent({
 *       name: "echo",
 *       version: "1.0.0",
 *       methods: { say: { input: z.string(), output: z.string(), run: (text) => text } },
 *     });
 *     const mesh = await connect();
 *     await mesh.serve(echo);
 *     await mesh.agent(echo).say("hello"); // "hello"
 */
export { Mesh, connect } from "./mesh.ts";
export type { MeshOptions, SessionStorage } from "./mesh-options.ts";
export type { Control } from "./control/control.ts";
export type { ControlRequest } from "./control/control-request.ts";
export type { NodeInspection, ReplicaInspection, RequestInspection } from "./control/inspection.ts";
export type { NodeAnswer, Nodes } from "./control/nodes.ts";
export type { StuckOptions } from "./control/stuck-policy.ts";
export type { AttemptRecord, CallRecord, RequestRecord, SpanRecord, TraceRecord } from "./tracing/record.ts";
export type { Operation } from "./control/operations.ts";
export type { Hosting } from "./pool/hosting.ts";
export type {
  DeadTask,
  SubmitOptions,
  TaskAttempt,
  TaskFilter,
  TaskInfo,
  TaskState,
  Tasks,
  Ticket,
  WaitOptions,
} from "./client.ts";
export type { TaskOptions } from "./tasks/options.ts";
export { MeshClient } from "./client.ts";
export type { ConnectOptions } from "./connect.ts";
export {
  type Agent,
  type Behaviour,
  type LifecycleContext,
  defineAgent,
  implement,
} from "./contract/agent.ts";
export {
  type ChunkOf,
  type Contract,
  type InputOf,
  type MethodContract,
  type MethodContracts,
  type OutputOf,
  defaultMethodOf,
  defineContract,
} from "./contract/contract.ts";
export { jsonSchemaOf, plainShapeOf } from "./contract/schema.ts";
export type { PlainShape } from "./protocol/plain.ts";
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
export type { Port, PortMessage, PortSubscription, ReplyAddress } from "./contract/port.ts";
export { InProcessMemory, type InProcessMemoryOptions } from "./memory/in-process-memory.ts";
export type { AppendOptions, Memory, Remembered, SearchOptions } from "./memory/memory.ts";
export type { SessionInfo, StoredSessions } from "./session/stored-sessions.ts";
export type { AskOptions, Asking, OnAsk, Question } from "./contract/question.ts";
export type { DescribedAgent, DescribedMethod, MeshView } from "./contract/mesh-view.ts";
export type { Session } from "./contract/session.ts";
export type { Span, SpanFields, SpanOptions } from "./contract/span.ts";
export { isTraced } from "./tracing/tracer.ts";
export { TokenBudget } from "./contract/token-budget.ts";
export type { SessionIdOf, SessionOptions } from "./contract/session-options.ts";
export type { Context, Emit, KeptAnswer, RequestInfo } from "./contract/context.ts";
export type { AnswerCache, ClearOptions, ClearedAnswers } from "./client/answer-cache.ts";
export type { AgentInfo, MethodInfo, ReplicaInfo } from "./client/agent-info.ts";
export type { Ping } from "./client/directory.ts";
export { type CallBatchParts, callBatch } from "./client/call-batch.ts";
export type { GatherOptions } from "./client/gather.ts";
export type { Observed } from "./client/observe.ts";
export type { CacheFigures, MethodFigures, ReplicaStats } from "./client/replica-stats.ts";
export {
  type CacheCounts,
  type ConnectionFigures,
  type ErrorFigures,
  GONE,
  type LoopLagFigures,
  type MovedFigures,
  type NodeFigures,
  type PresentFigures,
  type ProcessFigures,
  type ReplicaFigures,
  type ServedFigures,
  type SupervisorFigures,
  type TargetFigures,
  type TaskFigures,
  type UsageFigures,
} from "./stats/figures.ts";
export { Departed } from "./stats/departed.ts";
export { type Followed, type FollowerParts, StatsFollower } from "./stats/follower.ts";
export type { NodeMirror } from "./stats/mirror.ts";
export { sumOf, sumOfServed } from "./stats/sum.ts";
export { type DistributionSummary, Times } from "./stats/times.ts";
export type { Around, Place } from "./actor/around.ts";
export type { Directive, OnFailure } from "./contract/on-failure.ts";
export { type Tree, type TreeOptions, defineTree, isTree } from "./supervision/tree.ts";
export type { Strategy } from "./supervision/strategy.ts";
export { Backoff, type BackoffOptions } from "./supervision/backoff.ts";
export {
  type Concurrency,
  type ConcurrencyPolicy,
  type LimitPolicy,
  boundsOf,
  concurrencyText,
} from "./limit/concurrency.ts";
export { defineSupervisor } from "./supervisor/supervisor.ts";
export type { Rung, SupervisorOptions, TargetInput } from "./supervisor/options.ts";
export { type PipelineBuilder, pipeline } from "./pipeline/builder.ts";
export type { GateTest } from "./pipeline/gate.ts";
export type { Pipeline } from "./pipeline/pipeline.ts";
export { type MethodStep, type Step, type StageFunction, methodOf } from "./pipeline/step.ts";
export type { StageContext } from "./pipeline/stage-context.ts";
export type { Arm, GateOptions, OnError, PipelineOptions, StageOptions } from "./pipeline/options.ts";
export type { ItemError, ItemResult, Many, PipelineMethods } from "./pipeline/methods.ts";
export { described } from "./pipeline/described.ts";
export type { PipelineEvent, Watched } from "./pipeline/events.ts";
export type { PipelineFailure } from "./pipeline/stage-failure.ts";
export type { BreakerOptions, HedgeOptions, Jitter, RetryOptions } from "./policy/options.ts";
export type { FailedAttempt } from "./policy/attempts.ts";
export { type CacheOptions, cachePolicyOf } from "./contract/cache-options.ts";
export type { RateLimit } from "./contract/rate-limit.ts";
export type { Priority } from "./protocol/priority.ts";
export type { CacheNote, Degraded, ReplyMetadata, ServedBy } from "./protocol/metadata.ts";
export { ERROR_CODES, type ErrorCode, MeshError } from "./errors.ts";
export { type Duration, toMs } from "./duration.ts";
export { type Clock, systemClock } from "./clock.ts";
export type { Logger } from "./logger.ts";
export type { Trace } from "./protocol/trace.ts";
export { MemoryBroker } from "./transport/memory.ts";
export type { ServerInfo, StatusEvent, Transport, TransportStatus } from "./transport/transport.ts";
export { nearest } from "./client/suggest.ts";
