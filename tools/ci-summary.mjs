#!/usr/bin/env node
// `node tools/ci-summary.mjs TEST_CODE DEMO_CODE`: the last line of a build, counted from the reports that the run
// left: every test, every gate, and the demo as one.

import { readFileSync } from "node:fs";

const [testCode = "1", demoCode = "1"] = process.argv.slice(2);
let passed = 0;
let failed = 0;

const { gates, tests } = readSummary();
for (const gate of gates) count(gate.ok);
passed += tests.passed;
failed += tests.failed;
// Whatever broke before it could be counted is one failure.
if (testCode !== "0" && failed === 0) failed = 1;
count(demoCode === "0");
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** @param {boolean} ok */
function count(ok) {
  if (ok) passed += 1;
  else failed += 1;
}

/** @returns {{ gates: { ok: boolean }[], tests: { passed: number, failed: number } }} */
function readSummary() {
  try {
    return JSON.parse(readFileSync(new URL("../reports/summary.json", import.meta.url), "utf8"));
  } catch {
    return { gates: [], tests: { passed: 0, failed: 0 } };
  }
}
