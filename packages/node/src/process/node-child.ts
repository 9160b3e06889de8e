import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { KeptChild } from "./kept-child.ts";
import { ExitCode } from "../exit-code.ts";

/** What a node process tells the process that started it. */
export type NodeMessage =
  | { type: "ready"; node: string; replicas: number }
  | { type: "failed"; message: string }
  /** It drains and ends for good: somebody has told it over NATS. */
  | { type: "leaving" };

export interface NodeChildOptions {
  /** Arguments of `shoal node`. */
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  /** It serves: the first time, and after every restart. */
  onReady: () => void;
  /** @param why the node's own words where it had any, else how its process ended */
  onCrash: (why: string, waitMs: number) => void;
  onFatal: (code: number, why: string) => void;
  /** It has drained and ended, as somebody else has told it. */
  onLeft: () => void;
}

/**
 * A node in a process of its own. It tells over IPC when it is ready, and drains when the channel closes.
 * @param args arguments of `shoal node`
 */
export function forkNode(args: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess {
  return fork(commandFile(), ["node", ...args], {
    env,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    // Its own process group: Ctrl-C reaches it once, through its parent, and not a second time by the terminal.
    detached: true,
  });
}

/** A node in a process of its own, started again when it dies. */
export function startNodeChild({
  args,
  env,
  onReady,
  onCrash,
  onFatal,
  onLeft,
}: NodeChildOptions): KeptChild {
  let words: string | undefined;
  const kept = new KeptChild({
    start: () => {
      words = undefined;
      const child = forkNode(args, env);
      child.on("message", (message: NodeMessage) => {
        if (message.type === "ready") onReady();
        else if (message.type === "leaving") kept.letGo();
        else words = message.message;
      });
      return child;
    },
    onCrash: (how, waitMs) => onCrash(words ?? how, waitMs),
    onLeft,
    onFatal: (code) => onFatal(code, words ?? `exit code ${code}`),
    // A configuration that is wrong stays wrong.
    fatal: [ExitCode.usage],
  });
  return kept;
}

/** This command's own file: the source when it runs from source. */
function commandFile(): string {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return fileURLToPath(new URL(`../bin.${extension}`, import.meta.url));
}
