import type { ProtocolHost } from "@shoal/agents";
import { type Mesh, type MeshOptions, type Hosting, connect, toMs } from "@shoal/mesh";
import type { Loaded } from "../config/load.ts";
import type { Config, NatsConfig } from "../config/schema.ts";
import { namesIn } from "../config/trees.ts";
import { NodeDoor } from "../http/node-door.ts";
import type { Logger } from "../log.ts";
import { needsMetrics, serveMetrics } from "./own-metrics.ts";
import { masked } from "./masked.ts";
import { protocolHosts } from "./protocol-hosts.ts";
import { startTelemetry } from "./telemetry.ts";

const PATIENCE_MS = 2_000;

/** A node that has connected: it serves nothing yet, or some of its agents. */
export interface JoinedNode {
  readonly mesh: Mesh;
  /** Leaves the pools, finishes, flushes, disconnects. Idempotent. */
  stop(): Promise<void>;
}

/** A node that serves: one process, one connection, its agents' replicas. */
export interface RunningNode extends JoinedNode {
  readonly replicas: readonly Hosting[];
}

export interface ServeOptions extends Pick<MeshOptions, "around" | "onEscalation" | "onDrain"> {
  /** Told before anything is served: what its agents' starts take, a node that must end does not wait for. */
  readonly onJoined?: (node: JoinedNode) => void;
  /** It has the metrics agent too, unless the configuration has it otherwise. Default false. */
  readonly hasMetrics?: boolean;
}

/**
 * Connects, waiting for NATS as long as it takes, and serves what the configuration names.
 * @throws ConfigError when an agent cannot be found; MeshError when one does not start
 */
export async function serveNode(
  loaded: Loaded,
  log: Logger,
  { onJoined, hasMetrics = false, ...options }: ServeOptions = {},
): Promise<RunningNode> {
  const { config } = loaded;
  const telemetry = await startTelemetry(log);
  // Before NATS is there: a node that waits for it lives, and says that it is not ready.
  const door = await NodeDoor.open(loaded, addressOf(config.nats), log);
  const mesh = await join(config, log, options).catch((error: unknown) => {
    door.close();
    throw error;
  });
  const nodeLog = log.child({ node: mesh.node });
  const hosts: ProtocolHost[] = [];
  const drain = async (): Promise<void> => {
    await stop(mesh, hosts, toMs(config.drainTimeout), nodeLog);
    await telemetry?.stop();
  };
  const joined: JoinedNode = { mesh, stop: () => door.leaving(drain) };
  door.joined(mesh);
  onJoined?.(joined);
  try {
    const replicas = await serveAll(mesh, loaded, nodeLog);
    if (hasMetrics && needsMetrics(loaded)) replicas.push(...(await serveMetrics(mesh, nodeLog)));
    await door.serves(replicas);
    const contracts = loaded.hosted.map(({ agent }) => agent.contract);
    hosts.push(...(await protocolHosts(mesh, contracts, config.protocol, nodeLog)));
    nodeLog.info(
      { replicas: replicas.length },
      `serving ${[...new Set(replicas.map(({ agent }) => agent))].join(", ")}`,
    );
    return { ...joined, replicas };
  } catch (error) {
    await door.leaving(() => mesh.close());
    throw error;
  }
}

/** A node that waits says so: NATS may come later, and the address may be wrong. */
async function join(
  { nats, root, node, tasks, sessions, stuck }: Config,
  log: Logger,
  options: Pick<MeshOptions, "around" | "onEscalation" | "onDrain">,
): Promise<Mesh> {
  const server = addressOf(nats);
  const waiting = setTimeout(() => {
    log.warn({ server }, `NATS at ${server} does not answer; waiting for it`);
  }, PATIENCE_MS);
  try {
    return await connect({
      ...connectOptions(nats),
      ...options,
      root,
      tasks: tasks ?? "if-possible",
      ...(sessions ? { sessions } : {}),
      ...(stuck === undefined ? {} : { stuck }),
      ...(node === undefined ? {} : { node }),
      wait: true,
      logger: log,
    });
  } finally {
    clearTimeout(waiting);
  }
}

/** Where a configuration's NATS is, for people: without credentials. */
export function addressOf(nats: NatsConfig | undefined): string {
  if (nats?.servers !== undefined) return masked(nats.servers);
  return nats?.context === undefined ? "nats://127.0.0.1:4222" : `context ${nats.context}`;
}

/** The trees first: what is served alone may ask their agents. */
async function serveAll(mesh: Mesh, { hosted, trees }: Loaded, log: Logger): Promise<Hosting[]> {
  const replicas: Hosting[] = [];
  const add = (...served: readonly Hosting[]): void => {
    replicas.push(...served);
    for (const { agent, id } of served) log.debug({ agent, replica: id }, "started");
  };
  for (const tree of trees) add(...(await mesh.supervise(tree)));
  const inTrees = new Set(trees.flatMap(namesIn));
  for (const { agent, replicas: count } of hosted) {
    if (inTrees.has(agent.contract.name)) continue;
    for (let i = 0; i < count; i++) add(await mesh.serve(agent));
  }
  return replicas;
}

async function stop(
  mesh: Mesh,
  hosts: readonly ProtocolHost[],
  timeoutMs: number,
  log: Logger,
): Promise<void> {
  log.info({}, "draining");
  const from = performance.now();
  // No prompts come any more while those that are here are worked off.
  const left = hosts.map((host) => host.stop({ timeout: timeoutMs }));
  await mesh.drain({ timeout: timeoutMs });
  await Promise.all(left);
  await mesh.close();
  log.info({ tookMs: Math.round(performance.now() - from) }, "drained");
}

/** A configuration's `nats` as the client's options. */
function connectOptions(nats: NatsConfig | undefined): MeshOptions {
  const given = Object.entries(nats ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as MeshOptions;
}
