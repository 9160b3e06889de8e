import { loadConfig } from "../config/load.ts";
import { ExitCode } from "../exit-code.ts";
import { createLogger } from "../log.ts";
import type { NodeMessage } from "../process/node-child.ts";
import { type RunningNode, isExpected, serveNode } from "../process/serve-node.ts";
import type { ConnectionFlags } from "./connection.ts";
import { report } from "./failure.ts";

export interface NodeFlags extends ConnectionFlags {
  drainTimeout?: string;
}

/** Serves until it is told to stop. The first signal drains, the second exits at once. */
export async function node(path: string | undefined, flags: NodeFlags): Promise<void> {
  const loaded = await loadConfig(path, withFlags(process.env, flags));
  if (flags.context !== undefined) loaded.config.nats = { ...loaded.config.nats, context: flags.context };
  if (flags.creds !== undefined) loaded.config.nats = { ...loaded.config.nats, creds: flags.creds };
  const log = await createLogger(loaded.config.log.level);
  let running: RunningNode | undefined;
  let stopping = false;

  const stop = (why: string): void => {
    if (stopping) {
      log.warn({}, "stopping at once");
      process.exit(ExitCode.interrupted);
    }
    stopping = true;
    log.debug({ why }, "stopping");
    if (!running) process.exit(ExitCode.ok);
    running.stop().then(
      () => process.exit(ExitCode.ok),
      (error: unknown) => {
        log.error({ err: error }, "could not stop in order");
        process.exit(ExitCode.failed);
      },
    );
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop(signal));
  // Without the process that started it, a node would run on unseen.
  process.on("disconnect", () => stop("the parent process has gone"));
  const crash = (error: unknown): void => {
    log.fatal({ err: error }, "unhandled error");
    process.exit(ExitCode.failed);
  };
  process.on("uncaughtException", crash).on("unhandledRejection", crash);

  try {
    running = await serveNode(loaded, log);
  } catch (error) {
    if (!isExpected(error)) throw error;
    tell({ type: "failed", message: error.message });
    process.exit(report(error));
  }
  running.mesh.onStatus(({ type, detail }) => {
    if (type !== "closed" || stopping) return;
    log.fatal({}, `the connection to NATS is closed for good: ${detail}`);
    process.exit(ExitCode.unavailable);
  });
  tell({ type: "ready", node: running.mesh.node, replicas: running.replicas.length });
}

function tell(message: NodeMessage): void {
  process.send?.(message);
}

/** Flags win over the environment, which wins over the file. */
function withFlags(env: NodeJS.ProcessEnv, { nats, root, drainTimeout }: NodeFlags): NodeJS.ProcessEnv {
  return {
    ...env,
    ...(nats === undefined ? {} : { NATS_URL: nats }),
    ...(root === undefined ? {} : { SHOAL_ROOT: root }),
    ...(drainTimeout === undefined ? {} : { SHOAL_DRAIN_TIMEOUT: drainTimeout }),
  };
}
