import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { type ServerConnection, connectionsAt } from "./server-connections.ts";

/**
 * A real nats-server on a free loopback port:
 *
 *     const server = await startNatsServer();
 *     await connect({ servers: server.url });
 *     await server.kill("SIGKILL"); // its process is gone when this resolves
 *     await server.restart(); // same port, same config, same store; ready when this resolves
 *     await server.stop(); // also removes its files
 */
export interface NatsServer {
  /** `nats://127.0.0.1:<port>`; the same after a restart. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** What the server has logged since it was last started. */
  readonly log: string;
  /** Who is connected to it now. @throws Error unless it was started with `monitored` */
  connections(): Promise<ServerConnection[]>;
  /** Sends a signal (default SIGKILL) and waits until the process is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Sends a signal and does not wait: SIGSTOP, SIGCONT, SIGUSR2 (lame duck), SIGHUP (reload). */
  signal(signal: NodeJS.Signals): void;
  /** Writes new configuration text, used by SIGHUP and by the next `restart()`. */
  configure(config: string): void;
  /** Starts it again on the same port, killing it first if it still runs. */
  restart(): Promise<void>;
  /** Ends it and removes its files. Idempotent. */
  stop(): Promise<void>;
}

export interface NatsServerOptions {
  /** Default: a free one. */
  port?: number;
  /** Text of a configuration file; the port and the address are set for you. */
  config?: string;
  /** Turns JetStream on, with a store of its own that survives `restart()`. Default false. */
  jetstream?: boolean;
  /** Lets `connections()` look. Default false. */
  monitored?: boolean;
}

const READY_WITHIN_MS = 10_000;

const children = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

/** Resolves when the server takes connections. @throws Error with the server's own words when it does not start */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<NatsServer> {
  const binary = natsServerPath();
  const folder = mkdtempSync(join(tmpdir(), "shoal-nats-"));
  const file = join(folder, "server.conf");
  const configure = (config: string): void => writeFileSync(file, config);
  configure(options.config ?? "");
  const start = (port: number): Promise<Running> => {
    const args = ["-c", file, "-a", "127.0.0.1", "-p", String(port)];
    if (options.jetstream) args.push("-js", "-sd", join(folder, "store"));
    if (options.monitored) args.push("-m", "-1");
    return launch(binary, args);
  };
  let running = await start(options.port ?? -1);
  const { port } = running;
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    get pid() {
      return running.child.pid ?? 0;
    },
    get log() {
      return running.log();
    },
    connections: async () => {
      const monitor = /Starting http monitor on [^\s]*:(\d+)/.exec(running.log())?.[1];
      if (monitor === undefined) throw new Error("this nats-server was started without `monitored: true`.");
      return connectionsAt(Number(monitor));
    },
    kill: (signal = "SIGKILL") => end(running.child, signal),
    signal: (signal) => void running.child.kill(signal),
    configure,
    restart: async () => {
      await end(running.child, "SIGKILL");
      running = await start(port);
    },
    stop: async () => {
      await end(running.child, "SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * `$SHOAL_NATS_SERVER`, then PATH, then `.toolchain/bin` in this folder or in one above it.
 * @throws Error that says how to get one, when there is none
 */
export function natsServerPath(): string {
  const given = process.env["SHOAL_NATS_SERVER"];
  if (given) return given;
  const onPath = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  const toolchains = withParents(process.cwd()).map((folder) => join(folder, ".toolchain", "bin"));
  for (const folder of [...onPath, ...toolchains]) {
    const path = join(folder, "nats-server");
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not here: look further.
    }
  }
  throw new Error(
    "these tests need nats-server and found none. Put it on PATH (`brew install nats-server`, `apt-get install " +
      "nats-server`, or https://github.com/nats-io/nats-server/releases), or set SHOAL_NATS_SERVER to its path.",
  );
}

function withParents(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...withParents(parent)];
}

interface Running {
  child: ChildProcess;
  port: number;
  log: () => string;
}

async function launch(binary: string, args: string[]): Promise<Running> {
  const child = spawn(binary, args, { stdio: ["ignore", "ignore", "pipe"] });
  children.add(child);
  child.once("exit", () => children.delete(child));
  let log = "";
  const port = await new Promise<number>((resolve, reject) => {
    const fail = (why: string): void => {
      child.kill("SIGKILL");
      reject(new Error(`${binary} ${args.join(" ")} ${why}\n${log}`));
    };
    const timer = setTimeout(() => fail(`was not ready within ${READY_WITHIN_MS} ms`), READY_WITHIN_MS);
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      log += text;
      const listening = /Listening for client connections on [^\s]*:(\d+)/.exec(log);
      if (!listening || !log.includes("Server is ready")) return;
      clearTimeout(timer);
      resolve(Number(listening[1]));
    });
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once("exit", (code) => {
      clearTimeout(timer);
      fail(`ended with ${code}`);
    });
  });
  return { child, port, log: () => log };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}
