#!/usr/bin/env node
// `node tools/run.mjs test|demo|shoal|node|nats|bench|chaos|soak [arguments]`: the set-up for it, then the thing itself, with its arguments,
// signals and exit code passed on. The set-up speaks on standard error, so that standard output is the thing's alone.

import { join } from "node:path";
import { createReporter } from "../packages/node/provision/index.mjs";
import { runCommand } from "./run/child.mjs";
import { runGates, runVitest } from "./run/gates.mjs";
import { root } from "./setup/paths.mjs";
import { isPurpose, setUp } from "./setup/set-up.mjs";
import { SetUpError } from "./setup/step.mjs";

const MAINS = {
  demo: "examples/digest/src/main.ts",
  model: "examples/local-model/src/main.ts",
  shoal: "packages/node/src/bin.ts",
  bench: "bench/src/main.ts",
  chaos: "tools/chaos.ts",
  soak: "tools/soak.ts",
};

const reporter = createReporter(process.stderr);
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetUpError)) throw error;
  reporter.clear();
  console.error(`set-up failed: ${error.message}`);
  process.exitCode = 1;
}

/** @param {string[]} words @returns {Promise<number>} an exit code */
async function main(words) {
  const [purpose, ...args] = withModel(words);
  if (!isPurpose(purpose))
    throw new SetUpError(
      `run.mjs takes test, demo, shoal, node, nats, bench, chaos or soak, not ${purpose || "nothing"}`,
    );
  const ready = await setUp(purpose, { env: process.env, onStep: reporter.onStep });
  if (purpose === "test") return args.length === 0 ? runGates(ready) : (await runVitest(ready, args)).code;
  // Paths among the arguments are relative to where the command was typed.
  const at = { env: ready.env, cwd: process.env["INIT_CWD"] ?? root };
  if (ready.missing.length > 0) throw new SetUpError(`${ready.missing.join(" and ")} could not be had`);
  if (purpose === "nats") return (await runCommand(ready.env["SHOAL_NATS_CLI"] ?? "nats", args, at)).code;
  const main = purpose === "node" ? [] : [join(root, MAINS[purpose])];
  return (await runCommand(ready.node, ["--conditions=shoal-source", ...main, ...args], at)).code;
}

/**
 * The demo with a model is another program, and needs other packages.
 *
 * @param {string[]} words
 */
function withModel([purpose = "", ...args]) {
  if (purpose !== "demo" || !args.includes("--model")) return [purpose, ...args];
  return ["model", ...args.filter((arg) => arg !== "--model")];
}
