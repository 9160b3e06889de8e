import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const READY_WITHIN_MS = 10_000;

export interface ProcessOptions {
  /** Behind the module's name on its command line. */
  readonly args?: readonly string[];
  /** Beside this process's own, and `NATS_URL` and `SHOAL_ROOT`. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A module that runs in an OS process of its own, and can be killed. It says `process.send?.("ready")` when it serves. */
export class AgentProcess {
  private readonly child: ChildProcess;
  private readonly gone: Promise<unknown>;
  private text = "";

  private constructor(module: string, { args = [], env = {} }: ProcessOptions) {
    this.child = fork(module, args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.gone = once(this.child, "exit");
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => (this.text += text));
  }

  /**
   * Resolves when the module has said that it is ready.
   * @param module a path, or an URL: `new URL("./worker.ts", import.meta.url)`
   * @throws Error with the module's output when it ends before, or says nothing for 10 s
   */
  static async start(module: string | URL, options: ProcessOptions = {}): Promise<AgentProcess> {
    const path = typeof module === "string" ? module : fileURLToPath(module);
    const started = new AgentProcess(path, options);
    try {
      await started.isReady();
      return started;
    } catch (error) {
      await started.kill();
      throw new Error(`${path} ${(error as Error).message}\n${started.output}`, { cause: error });
    }
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** What it has written, to standard output and standard error. */
  get output(): string {
    return this.text;
  }

  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void> {
    return this.end("SIGKILL");
  }

  /** SIGTERM, which a good process takes as the word to drain; resolves when it is gone. */
  stop(): Promise<void> {
    return this.end("SIGTERM");
  }

  /** Sends a signal and does not wait: SIGSTOP, SIGCONT. */
  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    if (!this.isAlive) return;
    this.child.kill(signal);
    await this.gone;
  }

  private isReady(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error('has not said `process.send?.("ready")` within 10 s.')),
        READY_WITHIN_MS,
      );
      this.child.once("message", () => {
        clearTimeout(timer);
        resolve();
      });
      this.child.once("error", reject);
      this.child.once("exit", (code, signal) => {
        clearTimeout(timer);
        reject(new Error(`ended with ${code ?? signal} before it was ready.`));
      });
    });
  }
}
