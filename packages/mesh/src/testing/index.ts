/**
 * What tests of agents need, whatever runs them. With vitest, `@shoal/mesh/testing/vitest` has fixtures.
 *
 *     const writer = mockAgent(writerContract);
 *     writer.on.prompt({ text: "hello" }).replies("hi");
 *     await using mesh = new InProcessMesh();
 *     await mesh.serve(writer);
 */
export { InProcessMesh } from "./in-process-mesh.ts";
export { NatsMesh } from "./nats-mesh.ts";
export {
  type MockAgent,
  type MockOptions,
  type StreamExpectation,
  type ValueExpectation,
  mockAgent,
} from "./mock/mock-agent.ts";
export type { ScriptedStream } from "./mock/expectation.ts";
export type { AsymmetricMatcher, Matcher, Pattern } from "./mock/matcher.ts";
export type { MockCall, MockCallOf, Outcome } from "./mock/mock-call.ts";
export { ManualClock } from "./manual-clock.ts";
export { type Fault, type FaultOptions, Faults, type Way } from "./faults.ts";
export { type Published, TappedTransport } from "./tapped-transport.ts";
export { type Direction, type Fault as NetworkFault, FaultProxy } from "./fault-proxy.ts";
export { type NatsServer, type NatsServerOptions, natsServerPath, startNatsServer } from "./nats-server.ts";
export type { ServerConnection } from "./server-connections.ts";
export { AgentProcess, type ProcessOptions } from "./agent-process.ts";
export { type LogLine, RecordingLogger } from "./recording-logger.ts";
