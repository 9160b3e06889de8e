import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { pythonPath } from "../../../../../test/support/python.ts";

const PATIENCE_MS = 30_000;

function fileOf(script: string): string {
  return fileURLToPath(new URL(script, import.meta.url));
}

/** Runs `caller.py` to its end. @returns what it has told, line by line. @throws Error with what it complains of */
export function pythonCaller(url: string, ...args: string[]): Promise<Record<string, unknown>[]> {
  return new Promise((resolve, reject) => {
    const options = { timeout: PATIENCE_MS };
    execFile(pythonPath(), [fileOf("caller.py"), url, ...args], options, (error, stdout, stderr) => {
      if (error) return reject(new Error(`caller.py ${args.join(" ")} failed: ${stderr}`, { cause: error }));
      const lines = stdout.trim().split("\n").filter(Boolean);
      resolve(lines.map((line) => JSON.parse(line) as Record<string, unknown>));
    });
  });
}

/** A running `host.py`. */
export class PythonHost implements AsyncDisposable {
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.child = child;
  }

  /** Resolves when it hears prompts. @throws Error with what it complains of */
  static async start(url: string, ...args: string[]): Promise<PythonHost> {
    const child = spawn(pythonPath(), [fileOf("host.py"), url, ...args], { stdio: "pipe" });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    const ended = once(child, "exit").then(() => {
      throw new Error(`host.py has ended: ${said}`);
    });
    ended.catch(() => {});
    await Promise.race([once(child.stdout, "data"), ended]);
    return new PythonHost(child);
  }

  /** Its process dies, and says nothing. */
  async kill(): Promise<void> {
    await this.end(() => this.child.kill("SIGKILL"));
  }

  /** It leaves in order. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.end(() => this.child.stdin?.end());
  }

  private async end(how: () => void): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, "exit");
    how();
    await exited;
  }
}
