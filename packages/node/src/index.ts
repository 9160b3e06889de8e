/** Types a configuration written in TypeScript, and runs a node inside another program. */
export {
  type AgentEntry,
  type Config,
  type ConfigInput,
  type NatsConfig,
  defineConfig,
} from "./config/schema.ts";
export type { SupervisorEntry, SupervisorInput } from "./config/supervisor-schema.ts";
export { type Loaded, loadConfig } from "./config/load.ts";
export { type Override, fromEnvironment } from "./config/overrides.ts";
export { ConfigError, type Problem } from "./config/problem.ts";
export { type JoinedNode, type RunningNode, type ServeOptions, serveNode } from "./process/serve-node.ts";
export { type EmbeddedNats, type EmbeddedNatsOptions, startEmbeddedNats } from "./process/embedded-nats.ts";
export { type NodeMessage, forkNode } from "./process/node-child.ts";
export { type WorkerOptions, inWorker } from "./worker/in-worker.ts";
export {
  type FetchOptions,
  type FetchStep,
  type FetchedWeights,
  fetchWeights,
} from "./model/fetch-weights.ts";
export { createLogger } from "./log.ts";
