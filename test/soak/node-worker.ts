import { serveParent } from "../../bench/src/worker.ts";
import { quietLogger } from "../../bench/src/failover/quiet-logger.ts";
import { connect } from "../../packages/mesh/src/index.ts";
import type { Counts } from "./account.ts";
import { KEPT_FOR, soakAgents } from "./agents.ts";
import { remainsNow, vitalsNow } from "./vitals.ts";

/** A node that serves every agent of the mixed load, and takes tasks. */
const [servers = "", name = "", model = ""] = process.argv.slice(2);
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
await Promise.all(soakAgents(model).map((agent) => mesh.serve(agent)));

const commands = {
  /** Its name in the mesh. */
  node: () => mesh.node,
  /** Requests that have ended here, by `agent.method`. */
  counts: (): Counts => {
    const counts: Record<string, number> = {};
    for (const { agent, methods } of mesh.figures().replicas)
      for (const { method, ended } of methods) {
        const target = `${agent}.${method}`;
        counts[target] = (counts[target] ?? 0) + ended;
      }
    return counts;
  },
  vitals: () => vitalsNow(mesh),
  remains: remainsNow,
  /** As a process does that is sent SIGTERM. */
  async drain(): Promise<void> {
    await mesh.close();
  },
};

export type NodeCommands = typeof commands;

serveParent(commands);
