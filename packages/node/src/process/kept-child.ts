import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Backoff } from "@shoal/mesh";

export interface KeptChildOptions {
  /** Starts one; called again after each crash. */
  start: () => ChildProcess;
  /** A child has gone that nobody asked to go; it starts again after `waitMs`. */
  onCrash: (how: string, waitMs: number) => void;
  /** Exit codes after which starting again would fail the same way. */
  fatal?: readonly number[];
  /** A child that was let go has gone. */
  onLeft?: () => void;
  /** A child has gone with a fatal code. */
  onFatal?: (code: number) => void;
}

/** A child process that is started again whenever it dies, until it is told to stop. */
export class KeptChild {
  private readonly options: KeptChildOptions;
  private readonly backoff = new Backoff();
  private child: ChildProcess | undefined;
  private restart: NodeJS.Timeout | undefined;
  private stopping = false;
  private leaving = false;
  private startedAt = 0;

  constructor(options: KeptChildOptions) {
    this.options = options;
    this.launch();
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Somebody else has told it to end: when it has, it is not started again. */
  letGo(): void {
    this.leaving = true;
  }

  /** Asks it to stop, and kills it when it has not after `graceMs`. Resolves when it is gone. */
  async stop(signal: NodeJS.Signals, graceMs: number): Promise<void> {
    this.stopping = true;
    clearTimeout(this.restart);
    const { child } = this;
    if (!child || !isRunning(child)) return;
    const gone = once(child, "exit");
    child.kill(signal);
    const killer = setTimeout(() => child.kill("SIGKILL"), graceMs);
    await gone;
    clearTimeout(killer);
  }

  kill(signal: NodeJS.Signals = "SIGKILL"): void {
    this.stopping = true;
    clearTimeout(this.restart);
    this.child?.kill(signal);
  }

  private launch(): void {
    this.startedAt = performance.now();
    const child = this.options.start();
    this.child = child;
    child.on("error", (error) => {
      // It could not be started. Other errors, such as a message that was not sent, leave it running.
      if (child.pid === undefined) this.crashed(error.message);
    });
    child.once("exit", (code, signal) => {
      if (this.stopping) return;
      if (this.leaving) return this.options.onLeft?.();
      if (code !== null && this.options.fatal?.includes(code)) return this.options.onFatal?.(code);
      this.crashed(signal === null ? `exit code ${code}` : signal);
    });
  }

  private crashed(how: string): void {
    if (this.stopping) return;
    const waitMs = this.backoff.next(performance.now() - this.startedAt);
    clearTimeout(this.restart);
    this.restart = setTimeout(() => this.launch(), waitMs);
    this.options.onCrash(how, waitMs);
  }
}

function isRunning({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null;
}
