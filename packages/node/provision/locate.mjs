import { join } from "node:path";
import { checkBinary } from "./check.mjs";
import { binaryName, isExecutable, onPath } from "./child.mjs";

/** @typedef {import("./errors.mjs").Attempt} Attempt */

/** @typedef {import("./index.d.mts").Found} Found */

/**
 * Looks on this machine: the tool's variable, the PATH, the cache. The first good version wins; failing that, the first
 * that works with a warning; what was refused is told with its reason.
 *
 * @param {import("./index.d.mts").Tool} tool
 * @param {{ env: NodeJS.ProcessEnv, binDir: string }} options
 * @returns {Promise<{ found: Found | undefined, tried: Attempt[] }>}
 */
export async function locate(tool, { env, binDir }) {
  /** @type {Attempt[]} */
  const tried = [];
  /** @type {Found | undefined} */
  let fallback;
  for (const { file, source, where } of await candidates(tool, env, binDir)) {
    if (!(await isExecutable(file))) {
      tried.push({ where, why: `${file} is not there, or not an executable file` });
      continue;
    }
    const { version, grade, why } = await checkBinary(tool, file, env);
    if (version === undefined) {
      tried.push({ where, why: why ?? "" });
      continue;
    }
    if (grade === "good") return { found: { path: file, version, source }, tried };
    fallback ??= { path: file, version, source, ...(why === undefined ? {} : { warning: why }) };
  }
  if (fallback === undefined && !tried.some(({ where }) => where === "PATH")) {
    tried.push({ where: "PATH", why: `no ${tool.name} on it` });
  }
  return { found: fallback, tried };
}

/**
 * @param {import("./index.d.mts").Tool} tool
 * @param {NodeJS.ProcessEnv} env
 * @param {string} binDir
 * @returns {Promise<{ file: string, source: "env" | "path" | "cache", where: string }[]>}
 */
async function candidates(tool, env, binDir) {
  const named = env[tool.variable];
  const cached = join(binDir, binaryName(tool.name));
  /** @type {{ file: string, source: "env" | "path" | "cache", where: string }[]} */
  const list = [];
  if (named) list.push({ file: named, source: "env", where: `$${tool.variable}` });
  for (const file of await onPath(tool.name, env)) {
    if (file !== cached) list.push({ file, source: "path", where: "PATH" });
  }
  if (await isExecutable(cached)) list.push({ file: cached, source: "cache", where: binDir });
  return list;
}
