import {
  elapsed,
  findOrFetch,
  natsCli,
  natsServer,
  ProvisionError,
} from "../../packages/node/provision/index.mjs";
import { ensureDependencies } from "./dependencies.mjs";
import { toolchain, withToolchain } from "./paths.mjs";
import { ensurePython } from "./python.mjs";
import { ensureNode, ensurePnpm } from "./toolchain.mjs";

/** @typedef {import("./step.mjs").OnStep} OnStep */
/** @typedef {"demo" | "model" | "shoal" | "node" | "nats" | "test" | "bench" | "chaos" | "soak"} Purpose */

/** @typedef {{ tool: import("../../packages/node/provision/index.d.mts").Tool, why: string, always: boolean }} Program */
/** @typedef {{ extras: import("./dependencies.mjs").Extra[], programs: Program[], python?: boolean }} Needs */

/** @type {Program} */
const SERVER = { tool: natsServer, why: "the server that carries the mesh", always: true };
/** @type {Program} */
const CLI = { tool: natsCli, why: "the command line that people ask agents with", always: false };

/** @type {Record<Purpose, Needs>} */
const NEEDS = {
  demo: { extras: [], programs: [SERVER] },
  // The library that runs models is optional: only the tests' packages have it.
  model: { extras: ["dev"], programs: [SERVER] },
  shoal: { extras: [], programs: [SERVER] },
  node: { extras: [], programs: [] },
  nats: { extras: [], programs: [CLI] },
  test: { extras: ["dev"], programs: [SERVER, CLI], python: true },
  bench: { extras: ["bench"], programs: [SERVER] },
  chaos: { extras: ["dev"], programs: [SERVER] },
  soak: { extras: ["dev"], programs: [SERVER] },
};

/** @param {unknown} word @returns {word is Purpose} */
export function isPurpose(word) {
  return typeof word === "string" && Object.hasOwn(NEEDS, word);
}

/**
 * @typedef {object} Ready
 * @property {string} node
 * @property {string} pnpm
 * @property {NodeJS.ProcessEnv} env  to run everything in
 * @property {string[]} missing  programs that are needed and could not be had, with what to do already told
 */

/**
 * Makes everything ready for a purpose; what is there already is left as it is.
 *
 * @param {Purpose} purpose
 * @param {{ env: NodeJS.ProcessEnv, onStep: OnStep }} options
 * @returns {Promise<Ready>}
 * @throws {SetUpError} with what to do about it
 */
export async function setUp(purpose, { env: given, onStep }) {
  const started = Date.now();
  const env = withToolchain(given);
  const node = await ensureNode(onStep);
  const pnpm = await ensurePnpm(onStep);
  const packages = await ensureDependencies(pnpm.path, NEEDS[purpose].extras, { env, onStep });
  const programs = [];
  for (const program of NEEDS[purpose].programs) programs.push(await ensureProgram(program, env, onStep));

  if (NEEDS[purpose].python) programs.push(await python(env, onStep));

  const found = programs.filter((program) => program.path !== undefined);
  const parts = [
    `node ${node.version}`,
    `pnpm ${pnpm.version}`,
    "packages",
    ...found.map(({ text }) => text),
  ];
  const changed = [node, pnpm, packages, ...programs].some((part) => part.changed);
  const took = elapsed(Date.now() - started);
  const summary = changed ? `set-up done in ${took}` : `set-up: all in place (${took}): ${parts.join(", ")}`;
  onStep({ kind: "info", text: summary });
  return {
    node: node.path,
    pnpm: pnpm.path,
    env: { ...env, ...Object.fromEntries(found.map(({ variable, path }) => [variable, path])) },
    missing: programs.filter(({ path, required }) => path === undefined && required).map(({ name }) => name),
  };
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {OnStep} onStep
 */
async function python(env, onStep) {
  const { path, changed } = await ensurePython({ env, onStep });
  const about = { name: "python3", variable: "SHOAL_PYTHON", required: Boolean(env["CI"]) };
  return { ...about, path, text: `python with the packages of the tests (${path})`, changed };
}

/**
 * @param {Program} program
 * @param {NodeJS.ProcessEnv} env
 * @param {OnStep} onStep
 */
async function ensureProgram({ tool, why, always }, env, onStep) {
  const { name, variable } = tool;
  // A person without the command-line client can still run most tests; a build that counts must run them all.
  const required = always || Boolean(env["CI"]);
  const about = { name, variable, required };
  try {
    const { path, version, source, warning } = await findOrFetch(tool, { env, cacheDir: toolchain, onStep });
    if (warning !== undefined) onStep({ kind: "warning", text: warning });
    const changed = source === "release" || source === "go" || source === "apt";
    if (changed) onStep({ kind: "info", text: `${name} ${version} into .toolchain/bin: ${why}` });
    return { ...about, path, text: `${name} ${version} (${path})`, changed };
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error;
    const ways = error.help.map((line) => `\n  - ${line}`).join("");
    onStep({ kind: "warning", text: `there is no ${name}, ${why}; any of these installs it:${ways}` });
    return { ...about, path: undefined, text: "", changed: false };
  }
}
