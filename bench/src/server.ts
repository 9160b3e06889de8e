import { spawn, type ChildProcess } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { createInterface } from "node:readline";

/** A nats-server of this run alone, on a free loopback port. */
export interface NatsServer extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
}

/** How the server differs from one without configuration. */
export interface ServerOptions {
  /** Turns JetStream on, with its data in this folder. */
  readonly storeDir?: string;
  /** Default: a free one. A server that comes back needs the one it had. */
  readonly port?: number;
  /** Extra arguments, as `nats-server` takes them. */
  readonly args?: readonly string[];
}

const START_LIMIT_MS = 10_000;
const repository = resolve(import.meta.dirname, "../..");

/** The binary: `$SHOAL_NATS_SERVER`, then PATH, then `.toolchain/bin` of the repository. Throws if there is none. */
export function findServer(): string {
  const named = process.env["SHOAL_NATS_SERVER"];
  if (named) return named;
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const folder of [...folders, join(repository, ".toolchain/bin")]) {
    const candidate = join(folder, process.platform === "win32" ? "nats-server.exe" : "nats-server");
    if (isExecutable(candidate)) return candidate;
  }
  throw new Error(
    "nats-server was not found in $SHOAL_NATS_SERVER, PATH or .toolchain/bin. `npm run setup` fetches it.",
  );
}

/** Starts a server and waits until it listens. */
export async function startServer({
  storeDir,
  port: wanted = -1,
  args = [],
}: ServerOptions = {}): Promise<NatsServer> {
  const jetstream = storeDir === undefined ? [] : ["-js", "-sd", storeDir];
  const child = spawn(findServer(), ["-a", "127.0.0.1", "-p", String(wanted), ...jetstream, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const abandon = (): void => void child.kill("SIGKILL");
  process.once("exit", abandon);
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    process.off("exit", abandon);
    await ended(child, signal);
  };
  const port = await listeningPort(child).catch(async (error: unknown) => {
    await stop("SIGKILL");
    throw error;
  });
  return {
    url: `nats://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    kill: () => stop("SIGKILL"),
    [Symbol.asyncDispose]: () => stop("SIGTERM"),
  };
}

function listeningPort(child: ChildProcess & { stderr: NodeJS.ReadableStream }): Promise<string> {
  const { promise, resolve: found, reject } = Promise.withResolvers<string>();
  const log: string[] = [];
  const fail = (why: string): void => reject(new Error([`nats-server ${why}`, ...log].join("\n")));
  const timer = setTimeout(() => fail(`did not listen within ${START_LIMIT_MS} ms`), START_LIMIT_MS);
  // Read to the end, or the server would block on a full pipe.
  createInterface(child.stderr).on("line", (line) => {
    if (log.length < 50) log.push(line);
    const port = /Listening for client connections on .*:(\d+)/.exec(line)?.[1];
    if (port !== undefined) found(port);
  });
  child.once("error", (error) => fail(`did not start: ${error.message}`));
  child.once("exit", (code) => fail(`ended with code ${code}`));
  return promise.finally(() => clearTimeout(timer));
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((done) => child.once("exit", done));
  child.kill(signal);
  await exit;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
