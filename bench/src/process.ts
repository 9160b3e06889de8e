import { fork } from "node:child_process";
import { basename } from "node:path";
import type { Answer, Commands, Question } from "./worker.ts";

/** A process of ours that does what it is asked to, one command after another or several at once. */
export interface WorkerProcess<C extends Commands> extends AsyncDisposable {
  readonly pid: number;
  /** Has the worker run a command; rejects with the worker's error, or when it ends before it answers. */
  ask<K extends keyof C & string>(command: K, ...args: Parameters<C[K]>): Promise<Awaited<ReturnType<C[K]>>>;
  /** Sends a signal, for benchmarks that stop or kill a process in mid-work. */
  signal(signal: NodeJS.Signals): void;
  /** Resolves when the process has ended. */
  readonly exit: Promise<void>;
}

/** How the worker is started. */
export interface WorkerOptions {
  readonly args?: readonly string[];
  /** Flags for Node itself, such as `--expose-gc`. */
  readonly nodeFlags?: readonly string[];
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Starts a module that calls `serveParent`. Name its commands' type: `startWorker<TheCommands>(url)`. */
export function startWorker<C extends Commands>(
  module: URL,
  { args = [], nodeFlags = [] }: WorkerOptions = {},
): WorkerProcess<C> {
  const child = fork(module, [...args], {
    execArgv: ["--conditions=shoal-source", ...nodeFlags],
    env: { ...process.env, NODE_ENV: "production" },
    // Whatever a contender prints must not mix with the report on stdout.
    stdio: ["ignore", 2, 2, "ipc"],
  });
  const pending = new Map<number, Waiting>();
  const exit = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  let lastId = 0;
  let end: Error | undefined;

  child.on("message", (answer: Answer) => {
    const waiting = pending.get(answer.id);
    pending.delete(answer.id);
    if ("error" in answer) waiting?.reject(remoteError(answer.error, answer.stack));
    else waiting?.resolve(answer.value);
  });
  child.once("exit", (code, signal) => {
    end = new Error(`${basename(module.pathname)} ${args.join(" ")} ended (${signal ?? code})`);
    for (const { reject } of pending.values()) reject(end);
    pending.clear();
  });

  return {
    pid: child.pid ?? 0,
    ask: <K extends keyof C & string>(command: K, ...args: Parameters<C[K]>) =>
      new Promise<Awaited<ReturnType<C[K]>>>((resolve, reject) => {
        const id = ++lastId;
        pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
        child.send({ id, command, args } satisfies Question, (error) => {
          if (error === null) return;
          pending.delete(id);
          reject(end ?? error);
        });
      }),
    signal: (signal) => void child.kill(signal),
    exit,
    // A worker ends itself when its channel closes; one that hangs is not waited for.
    [Symbol.asyncDispose]: async () => {
      if (child.connected) child.disconnect();
      const hung = setTimeout(() => child.kill("SIGKILL"), 2_000);
      await exit;
      clearTimeout(hung);
    },
  };
}

/** The worker's error with the worker's own stack: that is where the mistake is. */
function remoteError(message: string, stack: string | undefined): Error {
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
