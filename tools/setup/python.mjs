// A Python of its own for the tests that speak to the authors' packages of the open agent protocol, and for the tools that
// check the files of `deploy/`. The interpreter is the system's: the registry that everything else comes from has none.

import { existsSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onPath, runToEnd } from "../../packages/node/provision/child.mjs";
import { compareVersions, findVersion } from "../../packages/node/provision/index.mjs";
import { toolchain } from "./paths.mjs";
import { step } from "./step.mjs";

/** @typedef {import("./step.mjs").OnStep} OnStep */

const AT_LEAST = "3.11.0";
const NAMES = ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11"];
const PACKAGES = new URL("python-packages.txt", import.meta.url);
const HOME = join(toolchain, "python");
const STAMP = join(HOME, ".shoal-setup");
const INSTALL_MS = 300_000;
const LOOK_MS = 20_000;

/**
 * The Python in `.toolchain/python`, with the packages of `python-packages.txt`.
 *
 * @param {{ env: NodeJS.ProcessEnv, onStep: OnStep }} options
 * @returns {Promise<{ path: string | undefined, changed: boolean }>} without a path where there is none, with what to do told
 */
export async function ensurePython({ env, onStep }) {
  const packages = readFileSync(PACKAGES, "utf8");
  const path = join(HOME, ...(process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]));
  if (existsSync(path) && existsSync(STAMP) && readFileSync(STAMP, "utf8") === packages)
    return { path, changed: false };
  const failures = [];
  for (const python of await candidates(env)) {
    const failure = await step(onStep, `Python packages of the tests, by ${python} -m venv`, () =>
      install(python, path, env),
    );
    if (failure === undefined) {
      await writeFile(STAMP, packages);
      return { path, changed: true };
    }
    failures.push(`\n  - ${python}: ${failure}`);
  }
  await rm(HOME, { recursive: true, force: true });
  const why = failures.length > 0 ? `: none of these could be used${failures.join("")}` : "";
  onStep({
    kind: "warning",
    text: `there is no Python ${AT_LEAST} or later with venv, which some tests need: those of the open agent protocol, and of deploy/${why}
install it (Debian: apt-get install python3-venv; macOS: brew install python), and run this again`,
  });
  return { path: undefined, changed: false };
}

/**
 * Interpreters that are new enough, in the order of the PATH.
 *
 * @param {NodeJS.ProcessEnv} env
 */
async function candidates(env) {
  const found = [];
  for (const name of NAMES)
    for (const file of await onPath(name, env)) {
      const { stdout, stderr } = await runToEnd(file, ["--version"], { env, timeoutMs: LOOK_MS });
      const version = findVersion(stdout + stderr);
      if (version !== undefined && compareVersions(version, AT_LEAST) >= 0) found.push(file);
    }
  return found;
}

/**
 * @param {string} python
 * @param {string} path  of the interpreter that is made
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | undefined>} why not
 */
async function install(python, path, env) {
  const options = { env, timeoutMs: INSTALL_MS };
  const made = await runToEnd(python, ["-m", "venv", "--clear", HOME], options);
  if (made.failure !== undefined) return made.failure;
  const file = process.platform === "win32" ? PACKAGES.pathname.slice(1) : PACKAGES.pathname;
  const args = ["-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check", "-r"];
  return (await runToEnd(path, [...args, file], options)).failure;
}
