import { toMs } from "@shoal/mesh";
import { loadConfig } from "../config/load.ts";
import { type ConfigFlags, fromEnvironment, fromFlags } from "../config/overrides.ts";
import { ConfigError } from "../config/problem.ts";
import { ExitCode } from "../exit-code.ts";
import { LogLevel } from "../log-level.ts";
import { createLogger } from "../log.ts";
import { Life } from "../process/life.ts";
import { logLevelOperation } from "../process/log-level-operation.ts";
import type { NodeMessage } from "../process/node-child.ts";
import { METRICS_VARIABLE } from "../process/own-metrics.ts";
import { rememberPlace } from "../process/origin.ts";
import { serveNode } from "../process/serve-node.ts";
import { wordsOf } from "../process/words.ts";
import { report } from "./failure.ts";

export type NodeFlags = Omit<ConfigFlags, "processes">;

/** Serves until it is told to stop. The first signal drains, the second exits at once. */
export async function node(path: string | undefined, flags: NodeFlags): Promise<void> {
  try {
    await serve(path, flags);
  } catch (error) {
    // The process that started this one tells it, once. Nothing else may keep a node that has failed alive.
    if (!process.send) process.exit(report(error, { verbose: process.argv.includes("--verbose") }));
    await tell({ type: "failed", message: wordsOf(error) });
    process.exit(error instanceof ConfigError ? ExitCode.usage : ExitCode.failed);
  }
}

async function serve(path: string | undefined, flags: NodeFlags): Promise<void> {
  const loaded = await loadConfig(path, [...fromEnvironment(process.env), ...fromFlags(flags)]);
  const level = new LogLevel(loaded.config.log.level);
  const log = await createLogger(level);
  const life = new Life({
    log,
    drainMs: toMs(loaded.config.drainTimeout),
    tell: (message) => tell({ type: "failed", message }),
  });
  try {
    const { mesh, replicas } = await serveNode(loaded, log, {
      around: rememberPlace,
      hasMetrics: process.env[METRICS_VARIABLE] === "1",
      onEscalation: (error) => life.escalated(error),
      onDrain: () => {
        void tell({ type: "leaving" });
        life.drained();
      },
      onJoined: (joined) => {
        life.joined(joined);
        joined.mesh.control.answer("log-level", logLevelOperation(level, log));
      },
    });
    life.serves();
    await tell({ type: "ready", node: mesh.node, replicas: replicas.length });
  } catch (error) {
    // A node that ends while it starts cannot start the rest: it drains, and ends for the reason that it has.
    if (!life.isEnding) throw error;
    log.debug({ err: error }, "the start was given up");
  }
}

/** Resolves when the message has left. */
function tell(message: NodeMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send && process.connected) process.send(message, () => resolve());
    else resolve();
  });
}
