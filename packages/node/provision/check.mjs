import { setTimeout as pause } from "node:timers/promises";
import { runToEnd } from "./child.mjs";
import { compareVersions, findVersion } from "./version.mjs";

// A broken or foreign binary must not stall the search.
const VERSION_TIMEOUT_MS = 5_000;
const BUSY_ATTEMPTS = 5;
const BUSY_PAUSE_MS = 20;

/**
 * @typedef {object} Verdict
 * @property {string | undefined} version
 * @property {"good" | "works" | "refused"} grade
 * @property {string | undefined} why  what is wrong with it, for `works` and `refused`
 */

/**
 * Asks a binary for its version and grades the answer.
 *
 * @param {import("./index.d.mts").Tool} tool
 * @param {string} file
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Verdict>}
 */
export async function checkBinary(tool, file, env) {
  const { stdout, stderr, failure } = await askVersion(file, env);
  const version = findVersion(stdout) ?? findVersion(stderr);
  if (failure !== undefined) return refused(`${file} --version failed: ${failure}`);
  if (version === undefined) return refused(`${file} does not say which version it is`);
  if (compareVersions(version, tool.goodFrom) >= 0) return { version, grade: "good", why: undefined };
  if (compareVersions(version, tool.worksFrom) >= 0) {
    const why = `${tool.name} ${version} works but is old: ${tool.lacks}. Please move to ${tool.goodFrom} or later`;
    return { version, grade: "works", why };
  }
  return refused(`${file} is version ${version}, older than ${tool.worksFrom}: ${tool.lacks}`);
}

/** @param {string} why @returns {Verdict} */
function refused(why) {
  return { version: undefined, grade: "refused", why };
}

/**
 * @param {string} file
 * @param {NodeJS.ProcessEnv} env
 */
async function askVersion(file, env) {
  for (let attempt = 1; ; attempt += 1) {
    const ended = await runToEnd(file, ["--version"], { env, timeoutMs: VERSION_TIMEOUT_MS });
    // A file just written is "busy" for as long as some other process, forked in that moment, still holds it open.
    if (!ended.failure?.includes("ETXTBSY") || attempt === BUSY_ATTEMPTS) return ended;
    await pause(BUSY_PAUSE_MS);
  }
}
