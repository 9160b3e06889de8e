import { spawn } from "node:child_process";
import { constants } from "node:os";
import { root } from "../setup/paths.mjs";

/** @typedef {{ code: number, signalled: boolean, output: string }} Ended */

const PARENT_CHECK_MS = 250;

/**
 * Runs a command to its end. SIGINT and SIGTERM to this process go on to it, and this process waits for
 * what it makes of them.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ env: NodeJS.ProcessEnv, cwd?: string, capture?: boolean }} options  `cwd` is the clone unless given; `capture` keeps its output instead of showing it
 * @returns {Promise<Ended>} `code` is 128 and the signal's number when a signal ended it, as in a shell
 */
export function runCommand(command, args, { env, cwd = root, capture = false }) {
  return new Promise((resolve, reject) => {
    const stdio = capture ? "pipe" : "inherit";
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: [capture ? "ignore" : "inherit", stdio, stdio],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding("utf8").on("data", (text) => (output += text));

    let signalled = false;
    const release = onStop((signal) => {
      signalled = true;
      // Ctrl-C reaches the whole foreground group, the child included; a second one would cut its clean end short.
      if (signal === "SIGINT" && process.stdin.isTTY) return;
      child.kill(signal);
    });
    child.on("error", (error) => {
      release();
      reject(error);
    });
    child.on("close", (code, signal) => {
      release();
      resolve({ code: code ?? 128 + constants.signals[signal ?? "SIGKILL"], signalled, output });
    });
  });
}

/**
 * Calls back when this process is asked to stop.
 *
 * @param {(signal: NodeJS.Signals) => void} stop
 * @returns {() => void} ends the listening
 */
function onStop(stop) {
  process.on("SIGINT", stop).on("SIGTERM", stop);
  // npm passes a signal to the shell between it and this process, and the shell dies of it without a word.
  const parent = process.ppid;
  const underNpm = process.env["npm_lifecycle_event"] !== undefined;
  const timer = setInterval(() => {
    if (!underNpm || process.ppid === parent) return;
    clearInterval(timer);
    stop("SIGTERM");
  }, PARENT_CHECK_MS);
  return () => {
    clearInterval(timer);
    process.off("SIGINT", stop).off("SIGTERM", stop);
  };
}
