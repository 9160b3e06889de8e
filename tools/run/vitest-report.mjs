import { readFileSync } from "node:fs";

/** @typedef {import("./vitest-report.d.mts").Counts} Counts */

/**
 * The counts of vitest's JSON report. A run that failed counts at least one failure, also where no single test did: a
 * file that could not be loaded, or no report at all.
 *
 * @param {string} file
 * @param {boolean} succeeded  whether vitest itself said so
 * @returns {Counts}
 */
export function readCounts(file, succeeded) {
  const report = readReport(file);
  const passed = report.numPassedTests ?? 0;
  const skipped = (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0);
  const failedTests = report.numFailedTests ?? 0;
  const emptyFiles = (report.testResults ?? []).filter(failedWithoutTests).length;
  return { passed, skipped, failed: Math.max(failedTests + emptyFiles, succeeded ? 0 : 1) };
}

/**
 * @typedef {object} Report
 * @property {number} [numPassedTests]
 * @property {number} [numFailedTests]
 * @property {number} [numPendingTests]
 * @property {number} [numTodoTests]
 * @property {FileResult[]} [testResults]
 */
/** @typedef {{ status: string, assertionResults: { status: string }[] }} FileResult */

/** @param {FileResult} result */
function failedWithoutTests({ status, assertionResults }) {
  return status === "failed" && assertionResults.every((test) => test.status !== "failed");
}

/** @param {string} file @returns {Report} */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return {};
  }
}
