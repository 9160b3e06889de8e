import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Project } from "./project.ts";

export interface Ended {
  /** Standard output and standard error as they came. */
  output: string;
  exitCode: number | null;
}

const GIVE_UP_MS = 30_000;

/** Runs a command in a project with bash, as if it were typed there. One that takes too long ends without an exit code. */
export async function run(command: string, project: Project, giveUpMs: number = GIVE_UP_MS): Promise<Ended> {
  const child = start(command, project);
  const output = collect(child);
  const timer = setTimeout(() => killGroup(child), giveUpMs);
  const [exitCode] = (await once(child, "close")) as [number | null];
  clearTimeout(timer);
  return { output: output(), exitCode };
}

/** A command that runs until it is stopped, such as `npx shoal up`. */
export class Service {
  private readonly child: ChildProcess;
  private readonly output: () => string;
  private readonly closed: Promise<unknown>;

  constructor(command: string, project: Project) {
    // `env`, since a command may begin with variables.
    this.child = start(`exec env ${command}`, project);
    this.output = collect(this.child);
    this.closed = once(this.child, "close");
  }

  /** Resolves with what it has printed by the time that a line matches. @throws Error when it ends, or takes too long */
  async until(line: RegExp): Promise<string> {
    const giveUpAt = performance.now() + GIVE_UP_MS;
    while (!line.test(this.output())) {
      if (this.child.exitCode !== null || performance.now() > giveUpAt) {
        throw new Error(`${this.child.spawnargs.at(-1)} did not get ready:\n${this.output()}`);
      }
      await sleep(20);
    }
    return this.output();
  }

  /** Stops it as a process manager does, or as Ctrl-C does: every process of the terminal gets that. */
  async stop(how: "SIGTERM" | "Ctrl-C" = "SIGTERM"): Promise<Ended> {
    const { pid = 0 } = this.child;
    if (this.child.exitCode === null) {
      if (how === "SIGTERM") process.kill(pid, how);
      else process.kill(-pid, "SIGINT");
    }
    const timer = setTimeout(() => killGroup(this.child), GIVE_UP_MS);
    await this.closed;
    clearTimeout(timer);
    return { output: this.output(), exitCode: this.child.exitCode };
  }
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) killGroup(child);
});

/** In a process group of its own: all that it starts can be stopped with it. */
function start(command: string, { directory, env, rewrite }: Project): ChildProcess {
  const child = spawn("bash", ["-c", `exec 2>&1\n${rewrite(command)}`], {
    cwd: directory,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // The last of the group has gone.
  }
}

function collect(child: ChildProcess): () => string {
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  return () => text;
}
