import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type ConnectOptions, type MeshClient, connect } from "@shoal/mesh/client";
import { natsServerPath } from "@shoal/mesh/testing";

/** The `shoal` command as a process of its own, run from source. */
const BIN = fileURLToPath(new URL("../../src/bin.ts", import.meta.url));
const PATIENCE_MS = 20_000;

/** A module with the agent `probe`, whose handlers do what a test asks for. */
export const PROBE: string = fileURLToPath(new URL("../fixtures/probe.ts", import.meta.url));

export interface ShoalOptions {
  cwd?: string;
  env?: Readonly<Record<string, string>>;
  /** What it reads; without it, it has no standard input. */
  stdin?: string;
  /** As `npx` runs it: with a shell between, which does not pass signals on. */
  underNpm?: boolean;
}

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

const running = new Set<Shoal>();
const directories = new Set<string>();
process.on("exit", sweep);

export class Shoal {
  readonly child: ChildProcess;
  /** When each piece of output came, by `performance.now()`. */
  readonly outputAt: number[] = [];
  stdout = "";
  stderr = "";
  readonly ended: Promise<Ended>;

  constructor(
    args: readonly string[],
    { cwd = tmpdir(), env = {}, stdin, underNpm = false }: ShoalOptions = {},
  ) {
    const own = [process.execPath, "--conditions=shoal-source", BIN, ...args];
    const [command = "", ...rest] = underNpm ? ["sh", "-c", '"$0" "$@"; true', ...own] : own;
    this.child = spawn(command, rest, {
      cwd,
      env: { ...cleanEnvironment(), ...env, ...(underNpm ? { npm_command: "exec" } : {}) },
      stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    running.add(this);
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
      this.outputAt.push(performance.now());
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    if (stdin !== undefined) this.child.stdin?.end(stdin);
    this.ended = once(this.child, "close").then(([code]) => {
      running.delete(this);
      return { code: code as number | null, stdout: this.stdout, stderr: this.stderr };
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Resolves with the match when its output has one. @throws Error with the output when it ends or takes too long */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    const seen = (): RegExpExecArray | null => pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
    await until(
      `${pattern} in the output`,
      () => seen() !== null || this.child.exitCode !== null,
      () => this.said,
    );
    const match = seen();
    if (!match) throw new Error(`it ended without ${pattern}:\n${this.said}`);
    return match;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** The log's lines. */
  get log(): Record<string, unknown>[] {
    return this.stdout
      .split("\n")
      .filter((line) => line.startsWith("{") && line.endsWith("}"))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  private get said(): string {
    return `${this.stdout}${this.stderr}`;
  }
}

const silent: NonNullable<ConnectOptions["logger"]> = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silent,
};

/** A client in this process, which says nothing of the servers that a test ends. */
export function client(url: string): Promise<MeshClient> {
  return connect({ servers: url, logger: silent });
}

/** Runs it to its end. */
export function shoal(args: readonly string[], options?: ShoalOptions): Promise<Ended> {
  return new Shoal(args, options).ended;
}

/** `shoal up`, when its mesh is ready. */
export async function up(
  args: readonly string[],
  options: ShoalOptions = {},
): Promise<{ shoal: Shoal; url: string }> {
  const started = new Shoal(["up", ...args], { cwd: temporaryDirectory(), ...options });
  const [, url = ""] = await started.prints(/mesh ready on (nats:\/\/127\.0\.0\.1:\d+)/);
  return { shoal: started, url };
}

/** A directory of its own for one test, with these files. */
export function temporaryDirectory(files: Readonly<Record<string, string>> = {}): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "shoal-node-")));
  directories.add(directory);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

/** Asks again and again, until it is so. @throws Error that says what was waited for */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  explain: () => string = () => "",
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}\n${explain()}`);
    await sleep(20);
  }
}

export function isAlive(pid: number): boolean {
  // A zombie is gone: nobody has asked how it ended.
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  const state = stdout.trim();
  return state !== "" && !state.startsWith("Z");
}

/** Pids of the processes that this one has started and whose command line has `text` in it. */
export function childrenOf(pid: number, text: string): number[] {
  return processes()
    .filter(({ parent, command }) => parent === pid && command.includes(text))
    .map(({ pid: child }) => child);
}

/** Ends whatever a test has left, and removes its directories. Call it in `afterEach`. */
export async function cleanUp(): Promise<void> {
  const left = [...running];
  sweep();
  await Promise.all(left.map(({ ended }) => ended));
}

function sweep(): void {
  const all = processes();
  for (const { pid } of running) {
    for (const child of all.filter(({ parent }) => parent === pid)) end(child.pid);
    end(pid);
  }
  for (const directory of directories) {
    for (const { pid, command } of all) if (command.includes(directory) && pid !== process.pid) end(pid);
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }
  directories.clear();
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}

function processes(): { pid: number; parent: number; command: string }[] {
  const { stdout } = spawnSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8", maxBuffer: 16 << 20 });
  return stdout.split("\n").flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line);
    return match ? [{ pid: Number(match[1]), parent: Number(match[2]), command: match[3] ?? "" }] : [];
  });
}

/** What the machine's own settings would change is left out. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(SHOAL_|NATS_|VITEST|NODE_(?!COMPILE_CACHE)|FORCE_COLOR|NO_COLOR)/.test(name),
  );
  return { ...Object.fromEntries(kept), SHOAL_NATS_SERVER: natsServerPath() };
}
