// Everything that must hold, one gate after another in two rows. A gate that fails does not stop the next: one run tells all.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { elapsed } from "../../packages/node/provision/index.mjs";
import { root } from "../setup/paths.mjs";
import { runCommand } from "./child.mjs";
import { readCounts } from "./vitest-report.mjs";

/** The rows run side by side: formatting keeps one core busy for as long as all others. */
const GATES = [["format:check"], ["lint", "build", "types", "knip"]];
const REPORTS = join(root, "reports");
const VITEST = join(root, "node_modules", "vitest", "vitest.mjs");
const VITEST_REPORT = join(REPORTS, "vitest.json");

/** @typedef {import("../setup/set-up.mjs").Ready} Ready */
/** @typedef {{ name: string, ok: boolean, ms: number }} Gate */

/** @typedef {import("./vitest-report.d.mts").Counts} Counts */

/**
 * @param {Ready} ready
 * @returns {Promise<number>} an exit code
 */
export async function runGates(ready) {
  const started = Date.now();
  rmSync(REPORTS, { recursive: true, force: true });
  mkdirSync(REPORTS);
  /** @type {Gate[]} */
  const gates = [];
  if (ready.missing.length > 0) {
    gates.push({ name: "set-up", ok: false, ms: 0 });
    console.log(`FAILED  set-up: ${ready.missing.join(" and ")} could not be had`);
  }
  for (const row of await Promise.all(GATES.map((names) => runRow(names, ready)))) {
    if (row.stopped !== undefined) return row.stopped;
    gates.push(...row.gates);
  }
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${VITEST_REPORT}`];
  const vitest = await runVitest(ready, reporters);
  if (vitest.signalled) return vitest.code;
  const tests = readCounts(VITEST_REPORT, vitest.code === 0);
  writeFileSync(join(REPORTS, "summary.json"), JSON.stringify({ gates, tests }));
  return conclude(gates, tests, Date.now() - started);
}

/**
 * @param {string[]} names
 * @param {Ready} ready
 * @returns {Promise<{ gates: Gate[], stopped: number | undefined }>} `stopped` is the exit code after a signal
 */
async function runRow(names, ready) {
  /** @type {Gate[]} */
  const gates = [];
  for (const name of names) {
    const { gate, stopped } = await runGate(name, ready);
    if (stopped !== undefined) return { gates, stopped };
    gates.push(gate);
  }
  return { gates, stopped: undefined };
}

/**
 * @param {string} name
 * @param {Ready} ready
 * @returns {Promise<{ gate: Gate, stopped: number | undefined }>} `stopped` is the exit code after a signal
 */
async function runGate(name, { pnpm, env }) {
  const started = Date.now();
  const args = ["run", "--silent", name];
  const quiet = { ...env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };
  const { code, signalled, output } = await runCommand(pnpm, args, { env: quiet, capture: true });
  const gate = { name, ok: code === 0, ms: Date.now() - started };
  if (signalled) return { gate, stopped: code };
  console.log(`${gate.ok ? "ok    " : "FAILED"}  ${name} (${elapsed(gate.ms)})`);
  if (!gate.ok) console.log(output.trim());
  return { gate, stopped: undefined };
}

/**
 * The last line, which stands alone for the whole run.
 *
 * @param {Gate[]} gates
 * @param {Counts} tests
 * @param {number} ms
 * @returns {number} an exit code
 */
function conclude(gates, tests, ms) {
  const broken = gates.filter((gate) => !gate.ok).map((gate) => gate.name);
  const failed = tests.failed > 0 ? [...broken, "vitest"] : broken;
  const verdict = failed.length === 0 ? "all passed" : `FAILED: ${failed.join(", ")}`;
  const gateCount = `${gates.length - broken.length} of ${gates.length} gates`;
  const testCount = `${tests.passed} tests passed, ${tests.failed} failed, ${tests.skipped} skipped`;
  console.log(`${verdict}: ${gateCount}, ${testCount}, in ${elapsed(ms)}`);
  return failed.length === 0 ? 0 : 1;
}

/**
 * @param {Ready} ready
 * @param {string[]} args
 */
export function runVitest({ node, env }, args) {
  return runCommand(node, [VITEST, "run", ...args], { env });
}
