import { type Mesh, MeshError, type MeshOptions, type Hosting, connect, toMs } from "@shoal/mesh";
import { type Hosted, resolveAgents } from "../config/agents.ts";
import type { Loaded } from "../config/load.ts";
import type { NatsConfig } from "../config/schema.ts";
import type { Logger } from "../log.ts";

/** A node that serves: one process, one connection, its agents' replicas. */
export interface RunningNode {
  readonly mesh: Mesh;
  readonly replicas: readonly Hosting[];
  /** Leaves the pools, finishes, flushes, disconnects. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Connects, waiting for NATS as long as it takes, and serves what the configuration names.
 * @throws ConfigError when an agent cannot be found; MeshError when one does not start
 */
export async function serveNode(loaded: Loaded, log: Logger): Promise<RunningNode> {
  const { config } = loaded;
  const hosted = await resolveAgents(loaded);
  const mesh = await connect({
    ...connectOptions(config.nats),
    root: config.root,
    ...(config.node === undefined ? {} : { node: config.node }),
    wait: true,
    logger: log,
  });
  const nodeLog = log.child({ node: mesh.node });
  mesh.onStatus(({ type, detail }) => {
    if (type === "disconnected") nodeLog.warn({ server: detail }, "lost NATS; reconnecting");
    else if (type === "connected") nodeLog.info({ server: detail }, "reconnected to NATS");
    else if (type === "lame_duck") nodeLog.warn({ server: detail }, "the NATS server is about to stop");
    else if (type === "error") nodeLog.error({}, detail);
  });
  try {
    const replicas = await serveAll(mesh, hosted, nodeLog);
    nodeLog.info(
      { replicas: replicas.length },
      `serving ${[...new Set(replicas.map(({ agent }) => agent))].join(", ")}`,
    );
    return { mesh, replicas, stop: () => stop(mesh, toMs(config.drainTimeout), nodeLog) };
  } catch (error) {
    await mesh.close();
    throw error;
  }
}

async function serveAll(mesh: Mesh, hosted: readonly Hosted[], log: Logger): Promise<Hosting[]> {
  const replicas: Hosting[] = [];
  for (const { agent, replicas: count } of hosted) {
    for (let i = 0; i < count; i++) {
      const served = await mesh.serve(agent);
      replicas.push(served);
      log.debug({ agent: served.agent, replica: served.id }, "started");
    }
  }
  return replicas;
}

async function stop(mesh: Mesh, timeoutMs: number, log: Logger): Promise<void> {
  log.info({}, "draining");
  const from = performance.now();
  await mesh.drain({ timeout: timeoutMs });
  await mesh.close();
  log.info({ tookMs: Math.round(performance.now() - from) }, "drained");
}

/** A configuration's `nats` as the client's options. */
export function connectOptions(nats: NatsConfig | undefined): MeshOptions {
  const given = Object.entries(nats ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as MeshOptions;
}

/** True for the errors that say what a person should mend, and need no stack trace. */
export function isExpected(error: unknown): error is Error {
  return error instanceof MeshError || (error instanceof Error && error.name === "ConfigError");
}
