import { serveParent } from "../../bench/src/worker.ts";
import { quietLogger } from "../../bench/src/failover/quiet-logger.ts";
import { defineMetrics } from "../../packages/agents/src/index.ts";
import { connect } from "../../packages/mesh/src/index.ts";
import { KEPT_FOR, soakAgents } from "./agents.ts";
import { remainsNow, vitalsNow } from "./vitals.ts";

/** A node that serves every agent of the mixed load, and takes tasks. The one that lives longest counts for all of them. */
const [servers = "", name = "", model = "", counts] = process.argv.slice(2);
const mesh = await connect({
  servers,
  name,
  node: name,
  wait: true,
  reconnectTimeWait: 50,
  reconnectJitter: 0,
  logger: quietLogger,
  tasks: { ackWait: "5s", retention: KEPT_FOR },
});
const agents = [...soakAgents(model), ...(counts ? [defineMetrics()] : [])];
await Promise.all(agents.map((agent) => mesh.serve(agent)));

const commands = {
  /** Its name in the mesh. */
  node: () => mesh.node,
  vitals: () => vitalsNow(mesh),
  remains: remainsNow,
  /** As a process does that is sent SIGTERM. */
  async drain(): Promise<void> {
    await mesh.close();
  },
};

export type NodeCommands = typeof commands;

serveParent(commands);
