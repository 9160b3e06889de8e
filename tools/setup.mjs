#!/usr/bin/env node
// Makes a fresh clone ready: `node tools/setup.mjs [--for=demo|test|bench]`, by default for the tests. Plain Node 20
// and no dependencies, since nothing is installed yet when it runs.

import { parseArgs } from "node:util";
import { createReporter } from "../packages/node/provision/index.mjs";
import { isPurpose, setUp } from "./setup/set-up.mjs";
import { SetUpError } from "./setup/step.mjs";

const reporter = createReporter(process.stderr);
try {
  const { missing } = await setUp(purpose(), { env: process.env, onStep: reporter.onStep });
  if (missing.length > 0) throw new SetUpError(`${missing.join(" and ")} could not be had`);
} catch (error) {
  if (!(error instanceof SetUpError)) throw error;
  reporter.clear();
  console.error(`set-up failed: ${error.message}`);
  process.exitCode = 1;
}

function purpose() {
  const { values } = parseArgs({ options: { for: { type: "string" } }, strict: false });
  const word = values.for ?? "test";
  if (!isPurpose(word))
    throw new SetUpError(`--for takes demo, shoal, node, nats, test or bench, not ${word}`);
  return word;
}
