import { loadConfig } from "../config/load.ts";
import { type ConfigFlags, fromEnvironment, fromFlags } from "../config/overrides.ts";
import { ConfigError } from "../config/problem.ts";
import { ExitCode } from "../exit-code.ts";
import { type Logger, createLogger } from "../log.ts";
import type { NodeMessage } from "../process/node-child.ts";
import { type RunningNode, serveNode } from "../process/serve-node.ts";
import { onStopSignals } from "../process/signals.ts";
import { report } from "./failure.ts";

export type NodeFlags = Omit<ConfigFlags, "processes">;

/** Serves until it is told to stop. The first signal drains, the second exits at once. */
export async function node(path: string | undefined, flags: NodeFlags): Promise<void> {
  try {
    await serve(path, flags);
  } catch (error) {
    // The process that started this one tells it, once. Nothing else may keep a node that has failed alive.
    if (!process.send) process.exit(report(error, { verbose: process.argv.includes("--verbose") }));
    await tell({ type: "failed", message: messageOf(error) });
    process.exit(error instanceof ConfigError ? ExitCode.usage : ExitCode.failed);
  }
}

async function serve(path: string | undefined, flags: NodeFlags): Promise<void> {
  const loaded = await loadConfig(path, [...fromEnvironment(process.env), ...fromFlags(flags)]);
  const log = await createLogger(loaded.config.log.level);
  const life = new Life(log);
  const running = await serveNode(loaded, log);
  life.began(running);
  await tell({ type: "ready", node: running.mesh.node, replicas: running.replicas.length });
}

/** How a node's process ends. */
class Life {
  private readonly log: Logger;
  private running: RunningNode | undefined;
  private stopping = false;

  constructor(log: Logger) {
    this.log = log;
    onStopSignals(
      (signal) => this.stop(signal),
      () => {
        // A process manager may signal the whole group, and the parent passes its own signal on: that is one wish to
        // stop and not two. A parent that does not want to wait kills.
        if (process.send) return;
        log.warn({}, "stopping at once");
        process.exit(ExitCode.interrupted);
      },
    );
    // Without the process that started it, a node would run on unseen.
    process.on("disconnect", () => this.stop("the parent process has gone"));
    const crash = (error: unknown): void => {
      log.fatal({ err: error }, "unhandled error");
      process.exit(ExitCode.failed);
    };
    process.on("uncaughtException", crash).on("unhandledRejection", crash);
  }

  began(running: RunningNode): void {
    this.running = running;
    running.mesh.onStatus(({ type, detail }) => {
      if (type !== "closed" || this.stopping) return;
      this.log.fatal({}, `the connection to NATS is closed for good: ${detail}`);
      process.exit(ExitCode.unavailable);
    });
  }

  private stop(why: string): void {
    if (this.stopping) return;
    this.stopping = true;
    this.log.debug({ why }, "stopping");
    if (!this.running) process.exit(ExitCode.ok);
    this.running.stop().then(
      () => process.exit(ExitCode.ok),
      (error: unknown) => {
        this.log.error({ err: error }, "could not stop in order");
        process.exit(ExitCode.failed);
      },
    );
  }
}

/** Resolves when the message has left. */
function tell(message: NodeMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send && process.connected) process.send(message, () => resolve());
    else resolve();
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
