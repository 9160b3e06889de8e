import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readCounts } from "../run/vitest-report.mjs";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "shoal-report-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function counts(report: object | string, succeeded: boolean): object {
  const file = join(folder, "report.json");
  writeFileSync(file, typeof report === "string" ? report : JSON.stringify(report));
  return readCounts(file, succeeded);
}

test("passed, failed and skipped tests are counted, to-dos as skipped", () => {
  const report = {
    numPassedTests: 5,
    numFailedTests: 2,
    numPendingTests: 1,
    numTodoTests: 1,
    testResults: [],
  };
  expect(counts(report, false)).toEqual({ passed: 5, failed: 2, skipped: 2 });
});

test("a file that could not be loaded is a failure beside the failed tests", () => {
  const testResults = [
    { status: "failed", assertionResults: [{ status: "passed" }, { status: "failed" }] },
    { status: "failed", assertionResults: [] },
    { status: "passed", assertionResults: [{ status: "passed" }] },
  ];
  const report = { numPassedTests: 2, numFailedTests: 1, testResults };
  expect(counts(report, false)).toEqual({ passed: 2, failed: 2, skipped: 0 });
});

test("a run that failed without a failed test counts one", () => {
  expect(counts({ numPassedTests: 3, numFailedTests: 0 }, false)).toMatchObject({ passed: 3, failed: 1 });
  expect(counts({ numPassedTests: 3, numFailedTests: 0 }, true)).toMatchObject({ passed: 3, failed: 0 });
});

test("no report, or half of one, counts as one failure", () => {
  expect(counts('{"numPassedTests": 3', false)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  expect(readCounts(join(folder, "missing.json"), false)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});
