import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { connect as dial } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findOrFetch } from "../../provision/index.mjs";
import { freePort } from "./free-port.ts";
import { KeptChild } from "./kept-child.ts";
import { isAlive, readState, removeState, writeState } from "./state-file.ts";

/** A nats-server of our own: loopback only, JetStream on, data under `.shoal/`, started again when it dies. */
export interface EmbeddedNats {
  readonly url: string;
  readonly port: number;
  readonly version: string;
  stop(): Promise<void>;
  kill(): void;
}

export interface EmbeddedNatsOptions {
  /** Holds the server's data and its log. */
  directory: string;
  /** Another is taken when this one is not free. Default 4222. */
  port?: number;
  onStep: (text: string) => void;
  onCrash: (how: string, waitMs: number) => void;
}

const READY_MS = 10_000;
const STOP_MS = 5_000;

/** @throws Error when nats-server cannot be found, fetched or started; the message says what to do */
export async function startEmbeddedNats(options: EmbeddedNatsOptions): Promise<EmbeddedNats> {
  const { directory, onStep, onCrash } = options;
  const found = await findOrFetch("nats-server", {
    onStep: (step) => {
      if (step.kind !== "progress") onStep(step.text);
    },
  });
  mkdirSync(directory, { recursive: true });
  await stopOrphan(directory);
  const port = await freePort(options.port ?? 4222);
  const url = `nats://127.0.0.1:${port}`;
  const logFile = join(directory, "nats.log");
  const args = ["-a", "127.0.0.1", "-p", String(port), "-js", "-sd", join(directory, "nats"), "-l", logFile];
  const kept = new KeptChild({
    // Its own process group: Ctrl-C in the terminal must stop the nodes first.
    start: () => {
      const child: ChildProcess = spawn(found.path, args, { stdio: "ignore", detached: true });
      writeState(directory, { owner: process.pid, pid: child.pid ?? 0, url });
      return child;
    },
    onCrash,
  });
  if (!(await listens(port))) {
    kept.kill();
    throw new Error(`nats-server did not start on port ${port}. Its log:\n${tail(logFile)}`);
  }
  return {
    url,
    port,
    version: found.version,
    kill: () => kept.kill(),
    stop: async () => {
      await kept.stop("SIGTERM", STOP_MS);
      removeState(directory);
    },
  };
}

/**
 * A server left behind by a process that was killed would share its data with the new one.
 * @throws Error when another `shoal up` is running here
 */
async function stopOrphan(directory: string): Promise<void> {
  const record = readState(directory);
  if (!record || !commandOf(record.pid).includes(join(directory, "nats"))) return;
  if (isAlive(record.owner)) {
    throw new Error(`another \`shoal up\` (process ${record.owner}) runs with ${directory}: stop it first.`);
  }
  process.kill(record.pid, "SIGTERM");
  for (let i = 0; i < 50 && isAlive(record.pid); i++) await sleep(100);
}

/** A process's command line, so that a number that was used again is not taken for the server. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return spawnSync("ps", ["-p", String(pid), "-o", "command="], { encoding: "utf8" }).stdout ?? "";
  }
}

async function listens(port: number): Promise<boolean> {
  const until = performance.now() + READY_MS;
  while (performance.now() < until) {
    const isUp = await greets(port);
    if (isUp) return true;
    await sleep(50);
  }
  return false;
}

/** NATS speaks first: a port that only accepts is not a server that is ready. */
function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dial({ port, host: "127.0.0.1", timeout: 500 });
    const answer = (isUp: boolean): void => {
      socket.destroy();
      resolve(isUp);
    };
    socket.once("data", () => answer(true));
    socket.once("error", () => answer(false));
    socket.once("timeout", () => answer(false));
    socket.once("close", () => answer(false));
  });
}

function tail(file: string): string {
  try {
    return readFileSync(file, "utf8").split("\n").slice(-10).join("\n");
  } catch {
    return "(no log)";
  }
}
