import { resolve } from "node:path";
import { toMs } from "@shoal/mesh";
import { type Loaded, loadConfig } from "../config/load.ts";
import { httpOfProcess, httpText } from "../config/http-schema.ts";
import { type ConfigFlags, fromEnvironment, fromFlags } from "../config/overrides.ts";
import type { ExitCode } from "../exit-code.ts";
import { type Logger, createLogger } from "../log.ts";
import { type EmbeddedNats, startEmbeddedNats } from "../process/embedded-nats.ts";
import { startNodeChild } from "../process/node-child.ts";
import { METRICS_VARIABLE, needsMetrics } from "../process/own-metrics.ts";
import { addressOf } from "../process/serve-node.ts";
import { Shutdown } from "../process/shutdown.ts";
import { STATE_DIRECTORY } from "../process/state-file.ts";
import { paint, print } from "./output.ts";

export interface UpFlags extends Pick<ConfigFlags, "nats" | "processes" | "drainTimeout" | "http"> {
  port?: number;
}

/** Starts a NATS server and node processes, keeps them running, and stops them in order. */
export async function up(path: string | undefined, flags: UpFlags): Promise<void> {
  // Mistakes are found here, once, and not in every process.
  const loaded = await loadConfig(path, [...fromEnvironment(process.env), ...fromFlags(flags)]);
  const { config } = loaded;
  const log = await createLogger(config.log.level);
  const shutdown = new Shutdown(log, toMs(config.drainTimeout));
  const env: NodeJS.ProcessEnv = { ...process.env, SHOAL_LOG_LEVEL: config.log.level };
  if (flags.nats !== undefined) env["NATS_URL"] = flags.nats;
  if (flags.drainTimeout !== undefined) env["SHOAL_DRAIN_TIMEOUT"] = flags.drainTimeout;
  if (config.nats === undefined) {
    shutdown.nats = await startEmbeddedNats({
      directory: resolve(STATE_DIRECTORY),
      ...(flags.port === undefined ? {} : { port: flags.port }),
      onStep: (text) => log.info({}, text),
      onCrash: (how, waitMs) => log.error({ waitMs }, `nats-server died (${how}); starting it again`),
    });
    env["NATS_URL"] = shutdown.nats.url;
  }
  const envs = Array.from({ length: config.processes }, (_each, index) =>
    config.http ? { ...env, SHOAL_HTTP: httpText(httpOfProcess(config.http, index)) } : env,
  );
  await startNodes(envs, path === undefined ? [] : [path], { shutdown, log });
  announce(loaded, shutdown.nats, log);
}

/** Resolves when every node is ready. */
async function startNodes(
  envs: readonly NodeJS.ProcessEnv[],
  args: readonly string[],
  { shutdown, log }: { shutdown: Shutdown; log: Logger },
): Promise<void> {
  const ready = envs.map((env, index) => {
    return new Promise<void>((resolveReady) => {
      const number = index + 1;
      const child = startNodeChild({
        args,
        env: { ...env, [METRICS_VARIABLE]: number === 1 ? "1" : "0" },
        onReady: resolveReady,
        onCrash: (why, waitMs) =>
          log.error({ process: number, waitMs }, `node ${number} ended (${why}); starting it again`),
        onLeft: () => {
          log.info({ process: number }, `node ${number} has left, as it was told: it is not started again`);
          // Before it was ready: nobody waits for it.
          resolveReady();
          shutdown.left();
        },
        onFatal: (code, why) => {
          log.error({ process: number }, `node ${number} cannot start: ${why}`);
          void shutdown.stop(code as ExitCode);
        },
      });
      shutdown.nodes.push(child);
    });
  });
  await Promise.all(ready);
}

function announce(loaded: Loaded, nats: EmbeddedNats | undefined, log: Logger): void {
  const { config, file } = loaded;
  const url = nats?.url ?? addressOf(config.nats);
  log.info(
    { url, root: config.root, processes: config.processes, config: file ?? null },
    `mesh ready on ${url}`,
  );
  if (!process.stdout.isTTY) return;
  const server = nats && nats.port !== 4222 ? ` -s ${nats.url}` : "";
  const hints = [
    ["shoal ls", "who is here"],
    ...(needsMetrics(loaded) ? [[`nats${server} req ${config.root}.metrics ""`, "what it has done"]] : []),
    [`nats${server} micro ls`, "the same, without shoal"],
  ];
  const width = Math.max(...hints.map(([command = ""]) => command.length));
  const lines = hints.map(([command = "", what]) => `  ${paint("bold", command.padEnd(width))}  ${what}`);
  print(`\n${lines.join("\n")}\n  ${paint("dim", "Ctrl-C stops: work that runs is finished first")}\n`);
}
