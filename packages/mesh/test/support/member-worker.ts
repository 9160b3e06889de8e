import { setTimeout as delay } from "node:timers/promises";
import { type Agent, connect } from "../../src/index.ts";
import { guardAgent, mute } from "./asking-agents.ts";
import { cachedAgents } from "./cached-agents.ts";
import { chaosAgents, type Surroundings } from "./chaos-agents.ts";
import { memberAgents } from "./member-agents.ts";
import type { Told } from "./member-process.ts";
import { RecordingLogger } from "../../src/testing/recording-logger.ts";
import { pipelineAgents } from "./pipeline-agents.ts";
import { sessionAgents } from "./session-agents.ts";
import { isRole, supervisedAgents } from "./supervised-agents.ts";

const tell = (message: Told): void => void process.send?.(message);
const [servers = "", ...names] = process.argv.slice(2);
/** Beside the names of agents: they take durable tasks too. */
const TASKS = "tasks";

const surroundings: Surroundings = {
  ran: (run) => tell({ type: "ran", ...run }),
  wait: (ms, signal) => delay(ms, undefined, { signal }),
};
const agents = [
  ...memberAgents(tell),
  ...chaosAgents(surroundings),
  ...cachedAgents(surroundings),
  ...sessionAgents(surroundings),
  ...pipelineAgents(surroundings),
  guardAgent({
    asks({ request: { agent, method, idempotencyKey: key, replica, attempt } }) {
      surroundings.ran({ method: `${agent}.${method}`, key, replica, attempt });
    },
    ended: (outcome) => tell({ type: "ended", outcome }),
  }) as Agent,
  mute,
].filter(({ contract }) => names.includes(contract.name));
for (const role of names.filter(isRole)) agents.push(...supervisedAgents(role, tell));
const mesh = await connect({
  servers,
  wait: true,
  reconnectTimeWait: 50,
  reconnectJitter: 0,
  logger: new RecordingLogger(),
  tasks: names.includes(TASKS) && { ackWait: "2s" },
});
const hostings = await Promise.all(agents.map((agent) => mesh.serve(agent)));
process.on("message", () => {
  void mesh.close().then(() => {
    tell({ type: "closed" });
    process.disconnect();
  });
});
tell({ type: "ready", replicas: hostings.map(({ id }) => id) });
