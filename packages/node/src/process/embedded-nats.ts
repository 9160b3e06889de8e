import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findOrFetch } from "../../provision/index.mjs";
import { freePort } from "./free-port.ts";
import { KeptChild } from "./kept-child.ts";
import { serverNameAt } from "./nats-greeting.ts";
import { commandOf, endProcess } from "./other-process.ts";
import { createState, readState, removeState, writeState } from "./state-file.ts";

/**
 * A nats-server of our own: loopback only, JetStream on, started again when it dies.
 *
 * N1: one server for a directory: what an earlier one left running is stopped first.
 * N2: the server that answers is the one that was started, on the port that is told.
 * N3: it does not outlive this process, unless this process is killed; then N1 applies.
 */
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
  /** Only this one. Default: 4222, or a free one. */
  port?: number;
  onStep: (text: string) => void;
  onCrash: (how: string, waitMs: number) => void;
}

const READY_MS = 10_000;
const STOP_MS = 5_000;
const DEFAULT_PORT = 4222;

/** @throws Error when nats-server cannot be found, fetched or started; the message says what to do */
export async function startEmbeddedNats(options: EmbeddedNatsOptions): Promise<EmbeddedNats> {
  const { directory, onStep } = options;
  const found = await findOrFetch("nats-server", {
    onStep: (step) => {
      if (step.kind !== "progress") onStep(step.text);
    },
  });
  if (found.warning !== undefined) onStep(found.warning);
  mkdirSync(directory, { recursive: true });
  await claim(directory);
  try {
    const { kept, port } = await start(found.path, options);
    return {
      url: urlOf(port),
      port,
      version: found.version,
      kill: () => {
        kept.kill();
        removeState(directory);
      },
      stop: async () => {
        await kept.stop("SIGTERM", STOP_MS);
        removeState(directory);
      },
    };
  } catch (error) {
    removeState(directory);
    throw error;
  }
}

/** @throws Error with the server's own words */
async function start(
  binary: string,
  { directory, port: wanted, onCrash, onStep }: EmbeddedNatsOptions,
): Promise<{ kept: KeptChild; port: number }> {
  const name = `shoal-${randomBytes(4).toString("hex")}`;
  const log = join(directory, "nats.log");
  // A port that is free now may be taken a moment later: then any other, unless this one was asked for.
  for (const candidate of wanted === undefined ? [DEFAULT_PORT, 0] : [wanted]) {
    const port = await freePort(candidate);
    if (wanted !== undefined && port !== wanted) throw new Error(`port ${wanted} is taken: name another.`);
    let isReady = false;
    let hasFailed = false;
    const kept = keep(binary, ["-n", name, "-p", String(port), "-l", log], {
      directory,
      url: urlOf(port),
      onCrash: (how, waitMs) => {
        if (isReady) onCrash(how, waitMs);
        else hasFailed = true;
      },
    });
    isReady = await answers(port, name, () => hasFailed);
    if (isReady) {
      if (port !== (wanted ?? DEFAULT_PORT))
        onStep(
          `port ${DEFAULT_PORT} is taken: this NATS is on ${port}. For other commands: export NATS_URL=${urlOf(port)}`,
        );
      return { kept, port };
    }
    kept.kill();
  }
  throw new Error(`nats-server did not start. The end of its log, ${log}:\n${endOf(log)}`);
}

function keep(
  binary: string,
  args: readonly string[],
  { directory, url, onCrash }: Pick<EmbeddedNatsOptions, "directory" | "onCrash"> & { url: string },
): KeptChild {
  const all = ["-a", "127.0.0.1", "-js", "-sd", storeIn(directory), ...args];
  const kept = new KeptChild({
    // Its own process group: Ctrl-C in the terminal must stop the nodes first.
    start: () => {
      const child: ChildProcess = spawn(binary, all, { stdio: "ignore", detached: true });
      writeState(directory, { ...ourselves(), pid: child.pid ?? 0, url });
      return child;
    },
    onCrash,
  });
  process.once("exit", () => kept.kill("SIGTERM"));
  return kept;
}

/**
 * A server left behind by a process that was killed would share its data with the new one.
 * @throws Error when another `shoal up` is running here
 */
async function claim(directory: string): Promise<void> {
  while (!createState(directory, { ...ourselves(), pid: 0, url: "" })) {
    const record = readState(directory);
    if (record) {
      const { owner, command, pid } = record;
      const isServing = commandOf(pid).includes(storeIn(directory));
      // In a container every start has the same number.
      const isOurs = owner === process.pid && !isServing;
      if (!isOurs && command !== "" && commandOf(owner) === command) {
        throw new Error(
          `another \`shoal up\` (process ${owner}) runs with ${directory}: stop it first, or start this one in another directory.`,
        );
      }
      if (isServing) await endProcess(pid, STOP_MS);
    }
    removeState(directory);
  }
}

function ourselves(): { owner: number; command: string } {
  return { owner: process.pid, command: commandOf(process.pid) };
}

async function answers(port: number, name: string, hasFailed: () => boolean): Promise<boolean> {
  const until = performance.now() + READY_MS;
  while (performance.now() < until && !hasFailed()) {
    if ((await serverNameAt(port)) === name) return true;
    await sleep(20);
  }
  return false;
}

function storeIn(directory: string): string {
  return join(directory, "nats");
}

function urlOf(port: number): string {
  return `nats://127.0.0.1:${port}`;
}

function endOf(file: string): string {
  try {
    return readFileSync(file, "utf8").trimEnd().split("\n").slice(-10).join("\n");
  } catch {
    return "(no log)";
  }
}
