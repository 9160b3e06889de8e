import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";

const EXE = process.platform === "win32" ? ".exe" : "";
const KEPT_CHARS = 64 * 1024;

/** @typedef {{ code: number | undefined, stdout: string, stderr: string, failure: string | undefined }} Ended */

/**
 * Runs a program to its end and never rejects: `failure` says in words why it did not end with code 0. Standard input
 * is closed, so nothing can wait for an answer. Of each output the last 64 KiB are kept.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ env: NodeJS.ProcessEnv, timeoutMs: number, cwd?: string }} options
 * @returns {Promise<Ended>}
 */
export function runToEnd(command, args, { env, timeoutMs, cwd }) {
  return new Promise((resolve) => {
    let stdout = "";
    let stderr = "";
    const child = trySpawn();
    if (child === undefined) return;
    const timer = setTimeout(() => end(undefined, `did not end within ${timeoutMs / 1000} s`), timeoutMs);
    child.stdout.setEncoding("utf8").on("data", (text) => (stdout = (stdout + text).slice(-KEPT_CHARS)));
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr = (stderr + text).slice(-KEPT_CHARS)));
    child.on("error", (error) => end(undefined, error.message));
    child.on("close", (code, signal) => {
      if (code === 0) end(code, undefined);
      else
        end(
          code ?? undefined,
          lastLine(stderr) ?? (signal ? `ended by ${signal}` : `ended with code ${code}`),
        );
    });

    // Node throws some failures at once (a busy or foreign binary) and reports the others by an event.
    function trySpawn() {
      try {
        return spawn(command, args, { env, cwd, stdio: ["ignore", "pipe", "pipe"], windowsHide: true });
      } catch (error) {
        resolve({ code: undefined, stdout, stderr, failure: /** @type {Error} */ (error).message });
        return undefined;
      }
    }

    /**
     * @param {number | undefined} code
     * @param {string | undefined} failure
     */
    function end(code, failure) {
      clearTimeout(timer);
      // After a timeout the child's own children may hold the pipes open: let go of them rather than wait.
      child?.kill("SIGKILL");
      child?.stdout.destroy();
      child?.stderr.destroy();
      resolve({ code, stdout, stderr, failure });
    }
  });
}

/**
 * Every executable of that name on the PATH, in its order.
 *
 * @param {string} name without `.exe`
 * @param {NodeJS.ProcessEnv} env
 */
export async function onPath(name, env) {
  const found = [];
  for (const folder of (env["PATH"] ?? env["Path"] ?? "").split(delimiter)) {
    if (folder === "") continue;
    const file = join(folder, name + EXE);
    if (await isExecutable(file)) found.push(file);
  }
  return found;
}

/** @param {string} file */
export async function isExecutable(file) {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

/**
 * The file name of a tool's binary on this system.
 *
 * @param {string} name
 */
export function binaryName(name) {
  return name + EXE;
}

/** @param {string} text */
function lastLine(text) {
  return text.trim().split("\n").at(-1)?.trim() || undefined;
}
