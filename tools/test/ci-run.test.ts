// `.ci/run` in a folder of its own, with an `npm` that plays each outcome: whatever happens, the last line counts it.

import { execFileSync, spawn, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "shoal-ci-"));
  for (const name of [".ci", "tools", "bin", "reports"]) mkdirSync(join(folder, name));
  copyFileSync(join(ROOT, ".ci/run"), join(folder, ".ci/run"));
  copyFileSync(join(ROOT, "tools/ci-summary.mjs"), join(folder, "tools/ci-summary.mjs"));
  // What an earlier run left must not count.
  writeFileSync(join(folder, "reports/summary.json"), summary(99, 0, ["lint"]));
});
afterEach(() => rmSync(folder, { recursive: true }));

function summary(passed: number, failed: number, passedGates: string[], failedGates: string[] = []): string {
  const gates = [
    ...passedGates.map((name) => ({ name, ok: true })),
    ...failedGates.map((name) => ({ name, ok: false })),
  ];
  return JSON.stringify({ gates, tests: { passed, failed } });
}

function environment(): NodeJS.ProcessEnv {
  const path = [join(folder, "bin"), dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter);
  return { PATH: path };
}

function npm(onTest: string, onDemo: string): void {
  const lines = ["#!/bin/sh", `if [ "$1" = test ]; then ${onTest}`, `else ${onDemo}`, "fi", ""];
  writeFileSync(join(folder, "bin/npm"), lines.join("\n"), { mode: 0o755 });
}

function report(text: string): string {
  return `mkdir -p reports; echo '${text}' > reports/summary.json`;
}

function ciRun(): { line: string | undefined; status: number | null } {
  const { stdout, status } = spawnSync("bash", [join(folder, ".ci/run")], {
    env: environment(),
    encoding: "utf8",
  });
  return { line: stdout.trimEnd().split("\n").at(-1), status };
}

test("all is well: every test, every gate and the demo", () => {
  npm(report(summary(40, 0, ["lint", "types"])), "echo demo");
  expect(ciRun()).toEqual({ line: "43 passed, 0 failed", status: 0 });
});

test("failed tests, gates and demo are counted each", () => {
  npm(`${report(summary(40, 2, ["lint"], ["types", "knip"]))}; exit 1`, "exit 3");
  expect(ciRun()).toEqual({ line: "41 passed, 5 failed", status: 1 });
});

test("a set-up that fails before any report is a failure, and the demo is still run", () => {
  npm("exit 1", "echo demo");
  expect(ciRun()).toEqual({ line: "1 passed, 1 failed", status: 1 });
});

test("when npm runs nothing at all, nothing passed", () => {
  expect(ciRun()).toMatchObject({ line: expect.stringMatching(/^0 passed, 2 failed$/), status: 1 });
});

test("when even the counting fails, the line still comes", () => {
  npm(report(summary(40, 0, ["lint"])), "echo demo");
  rmSync(join(folder, "tools/ci-summary.mjs"));
  expect(ciRun()).toEqual({ line: "0 passed, 1 failed", status: 1 });
});

test("a build that is stopped from outside still counts", async () => {
  npm(
    `${report(summary(40, 0, ["lint"]))}; echo waiting; exec ${process.execPath} -e 'setInterval(() => {}, 1e6)'`,
    ":",
  );
  const child = spawn("bash", [join(folder, ".ci/run")], { env: environment() });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (text.includes("waiting")) child.kill("SIGTERM");
  });
  const status = await new Promise((resolve) => {
    child.on("close", resolve);
  });
  expect({ line: output.trimEnd().split("\n").at(-1), status }).toEqual({
    line: "41 passed, 2 failed",
    status: 1,
  });
});

test("no input can be waited for, and CI is said", () => {
  npm(`test -z "$(cat)" && test "$CI" = true && ${report(summary(1, 0, []))}`, "cat");
  expect(ciRun()).toEqual({ line: "2 passed, 0 failed", status: 0 });
});

test("it is executable", () => {
  npm(report(summary(1, 0, [])), ":");
  execFileSync("test", ["-x", join(ROOT, ".ci/run")]);
});
