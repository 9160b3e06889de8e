import { resolve } from "node:path";
import { toMs } from "@shoal/mesh";
import { resolveAgents } from "../config/agents.ts";
import { type Loaded, loadConfig } from "../config/load.ts";
import { ExitCode } from "../exit-code.ts";
import { type Logger, createLogger } from "../log.ts";
import { type EmbeddedNats, startEmbeddedNats } from "../process/embedded-nats.ts";
import type { KeptChild } from "../process/kept-child.ts";
import { startNodeChild } from "../process/node-child.ts";
import { STATE_DIRECTORY } from "../process/state-file.ts";
import { paint, print } from "./output.ts";

export interface UpFlags {
  processes?: number;
  port: number;
  nats?: string;
  drainTimeout?: string;
}

/** What a node may take beyond its own drain timeout before it is killed. */
const KILL_AFTER_MS = 2_000;

/** Starts a NATS server and node processes, keeps them running, and stops them in order. */
export async function up(path: string | undefined, flags: UpFlags): Promise<void> {
  const env = { ...process.env };
  if (flags.nats !== undefined) env["NATS_URL"] = flags.nats;
  if (flags.processes !== undefined) env["SHOAL_PROCESSES"] = String(flags.processes);
  if (flags.drainTimeout !== undefined) env["SHOAL_DRAIN_TIMEOUT"] = flags.drainTimeout;
  const loaded = await loadConfig(path, env);
  // Mistakes are found here, once, and not in every process.
  await resolveAgents(loaded);
  const log = await createLogger(loaded.config.log.level);
  const stoppers = new Stoppers(log);

  const nats = loaded.config.nats === undefined ? await embedded(flags.port, log) : undefined;
  if (nats) {
    stoppers.nats = nats;
    env["NATS_URL"] = nats.url;
  }
  const drainMs = toMs(loaded.config.drainTimeout);
  stoppers.graceMs = drainMs + KILL_AFTER_MS;
  await startNodes(loaded, path, env, stoppers, log);
  announce(loaded, nats, log);
}

function embedded(port: number, log: Logger): Promise<EmbeddedNats> {
  return startEmbeddedNats({
    directory: resolve(STATE_DIRECTORY),
    port,
    onStep: (text) => log.info({}, text),
    onCrash: (how, waitMs) => log.error({ how, waitMs }, `nats-server died (${how}); starting it again`),
  });
}

/** Resolves when every node is ready. */
async function startNodes(
  { config }: Loaded,
  path: string | undefined,
  env: NodeJS.ProcessEnv,
  stoppers: Stoppers,
  log: Logger,
): Promise<void> {
  const ready = Array.from({ length: config.processes }, (_each, index) => {
    return new Promise<void>((resolveReady) => {
      const child = startNodeChild({
        args: path === undefined ? [] : [path],
        env: { ...env, SHOAL_LOG_LEVEL: config.log.level },
        onMessage: (message) => {
          if (message.type === "ready") resolveReady();
        },
        onCrash: (how, waitMs) =>
          log.error({ how, waitMs, process: index + 1 }, `a node died (${how}); starting it again`),
        onFatal: (code) => void stoppers.stop(code as ExitCode),
      });
      stoppers.nodes.push(child);
    });
  });
  await Promise.all(ready);
}

function announce({ config, file }: Loaded, nats: EmbeddedNats | undefined, log: Logger): void {
  const url = nats?.url ?? [config.nats?.servers ?? config.nats?.context ?? "NATS"].flat().join(", ");
  log.info(
    { url, root: config.root, processes: config.processes, config: file ?? null },
    `mesh ready on ${url}`,
  );
  if (!process.stdout.isTTY) return;
  const server = nats && nats.port !== 4222 ? ` -s ${nats.url}` : "";
  print("");
  print(`  ${paint("bold", "shoal ls")}${" ".repeat(20)}who is here`);
  print(`  ${paint("bold", `nats${server} micro ls`)}${" ".repeat(14)}the same, without shoal`);
  print(`  ${paint("dim", "Ctrl-C stops: work that runs is finished first")}`);
  print("");
}

/** Stops what was started, in the right order: nodes drain, then their NATS goes. */
class Stoppers {
  readonly nodes: KeptChild[] = [];
  nats: EmbeddedNats | undefined;
  graceMs = KILL_AFTER_MS;
  private readonly log: Logger;
  private stopping = false;

  constructor(log: Logger) {
    this.log = log;
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => this.onSignal());
  }

  async stop(code: ExitCode): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    await Promise.all(this.nodes.map((node) => node.stop("SIGTERM", this.graceMs)));
    await this.nats?.stop();
    process.exit(code);
  }

  private onSignal(): void {
    if (!this.stopping) return void this.stop(ExitCode.ok);
    this.log.warn({}, "stopping at once");
    for (const node of this.nodes) node.kill();
    this.nats?.kill();
    process.exit(ExitCode.interrupted);
  }
}
