// A binary appears under its final name whole, checked and executable, or not at all: it is made in a folder of its
// own on the same disk and then renamed. Two processes that do it at once both succeed; the later rename wins.

import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { checkBinary } from "./check.mjs";
import { binaryName } from "./child.mjs";
import { RouteFailed } from "./errors.mjs";

// What an interrupted run left behind is older than any run can last.
const STALE_MS = 24 * 60 * 60 * 1000;

/**
 * Runs `work` with a fresh folder, removed afterwards.
 *
 * @template T
 * @param {string} cacheDir
 * @param {(folder: string) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withStaging(cacheDir, work) {
  const root = join(cacheDir, "tmp");
  await mkdir(root, { recursive: true });
  await removeStale(root);
  const folder = await mkdtemp(join(root, "make-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Checks a binary and moves it to its place.
 *
 * @param {import("./index.d.mts").Tool} tool
 * @param {string} file  in a staging folder of the same cache
 * @param {{ env: NodeJS.ProcessEnv, binDir: string }} options
 * @returns {Promise<{ path: string, version: string, warning?: string }>}
 * @throws {RouteFailed} when it does not run here or is too old
 */
export async function putInPlace(tool, file, { env, binDir }) {
  await chmod(file, 0o755);
  const { version, why } = await checkBinary(tool, file, env);
  if (version === undefined) throw new RouteFailed(why ?? `${file} is not usable`);
  await mkdir(binDir, { recursive: true });
  const path = join(binDir, binaryName(tool.name));
  try {
    await rename(file, path);
  } catch (error) {
    // Windows does not replace a binary that is running. One that another process put there just now is as good.
    const present = await checkBinary(tool, path, env);
    if (present.version === undefined) throw error;
  }
  return { path, version, ...(why === undefined ? {} : { warning: why }) };
}

/** @param {string} root */
async function removeStale(root) {
  for (const name of await readdir(root)) {
    const folder = join(root, name);
    const age = Date.now() - ((await stat(folder).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (age > STALE_MS) await rm(folder, { recursive: true, force: true });
  }
}
