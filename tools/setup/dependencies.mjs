// Installs the packages of the lockfile, as few as the purpose needs: running needs 20 MB, the tests' tools ten times
// that, and the benchmarks compare with frameworks that nothing else uses. What was once installed is kept, so that
// going from one purpose to another and back adds and never removes.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./paths.mjs";
import { SetUpError, step } from "./step.mjs";

/** @typedef {"dev" | "bench"} Extra  beyond what running needs */

const INPUTS = ["pnpm-lock.yaml", "pnpm-workspace.yaml"];
// Within node_modules, so that removing that folder removes it too.
const STAMP = join(root, "node_modules", ".shoal-setup");

/** What tells that an extra is installed, by this set-up or by hand. @type {Record<Extra, string>} */
const TRACES = { dev: "node_modules/vitest", bench: "bench/node_modules/moleculer" };
const EXTRAS = /** @type {Extra[]} */ (Object.keys(TRACES));

/**
 * @param {string} pnpm
 * @param {Extra[]} needed
 * @param {{ env: NodeJS.ProcessEnv, onStep: import("./step.mjs").OnStep }} options
 * @returns {Promise<{ changed: boolean }>}
 */
export async function ensureDependencies(pnpm, needed, { env, onStep }) {
  const lockfile = digestOfInputs();
  const last = readStamp();
  const current = last === lockfile && existsSync(join(root, "node_modules", ".pnpm"));
  const present = EXTRAS.filter((extra) => existsSync(join(root, TRACES[extra])));
  if (current && needed.every((extra) => present.includes(extra))) return { changed: false };
  const extras = new Set([...present, ...needed]);
  // The lockfile's checksums are what is trusted: asking the registry for the age of each entry, as pnpm otherwise does,
  // guards the making of a lockfile and costs a fresh clone hundreds of requests.
  const args = ["install", "--frozen-lockfile", "--trust-lockfile"];
  if (!extras.has("dev")) args.push("--prod");
  if (!extras.has("bench")) args.push("--filter", "!./bench");
  const why =
    last === undefined
      ? "not yet installed"
      : current
        ? "more is needed than before"
        : "the lockfile changed";
  await step(onStep, `packages by pnpm ${args.join(" ")}: ${why}`, () => run(pnpm, args, env));
  writeFileSync(STAMP, lockfile);
  return { changed: true };
}

function digestOfInputs() {
  const hash = createHash("sha256");
  for (const name of INPUTS) hash.update(readFileSync(join(root, name)));
  return hash.digest("hex");
}

function readStamp() {
  try {
    return readFileSync(STAMP, "utf8");
  } catch {
    return undefined;
  }
}

/**
 * @param {string} pnpm
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<void>}
 */
function run(pnpm, args, env) {
  return new Promise((resolve, reject) => {
    // On a terminal pnpm shows its own progress; elsewhere it speaks only when it fails.
    const shown = process.stderr.isTTY ? 2 : "pipe";
    const child = spawn(pnpm, args, { cwd: root, env, stdio: ["ignore", shown, shown] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding("utf8").on("data", (text) => (output += text));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve();
      else
        reject(new SetUpError(`pnpm ${args.join(" ")} failed${output === "" ? "" : `:\n${output.trim()}`}`));
    });
  });
}
