import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const CASES = fileURLToPath(new URL("./cases", import.meta.url));
const VITEST = fileURLToPath(new URL("../../../../../node_modules/vitest/vitest.mjs", import.meta.url));

interface Report {
  testResults: { assertionResults: { title: string; status: string; failureMessages: string[] }[] }[];
}

/** How each test of a file ended: with its failures, none when it has passed. */
type Endings = Map<string, string[]>;

const folder = mkdtempSync(join(tmpdir(), "shoal-cases-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the tests of one file as a user would. */
async function runCases(file: string, env: NodeJS.ProcessEnv = {}): Promise<Endings> {
  const report = join(folder, `${file}.json`);
  const args = [VITEST, "run", file, "--root", CASES, "--reporter=json", `--outputFile=${report}`];
  const given = Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST"));
  const child = spawn(process.execPath, args, {
    env: { ...Object.fromEntries(given), NO_COLOR: "1", ...env },
    stdio: "ignore",
  });
  await once(child, "exit");
  const { testResults } = JSON.parse(readFileSync(report, "utf8")) as Report;
  const ended = testResults.flatMap(({ assertionResults }) => assertionResults);
  return new Map(ended.map(({ title, failureMessages }) => [title, failureMessages]));
}

let leaks: Endings;
beforeAll(async () => {
  leaks = await runCases("leaks.case.ts");
});

test.each([
  "in-process: clean",
  "nats: clean, with a handler that hangs",
  "nats: clean again, under another root",
])("FX5, FX6, FX7: a test that leaves nothing passes: %s", (title) => {
  expect(leaks.get(title)).toEqual([]);
});

test.each([
  ["in-process: a subscription", "a subscription to news that nobody has ended"],
  ["in-process: a timer", "1 timer on the clock that no member has set"],
  ["in-process: an unexpected call that its caller hides", `mock "writer": prompt('typo') was not expected`],
  ["nats: a connection", `the connection to NATS "stray" is open still`],
  ["nats: a member", `the connection to NATS "stray member" is open still, subscribed to`],
  ["nats: an expectation that is not met", `mock "writer": prompt('5') was never called.`],
])("FX5, FX7: a test that leaves something fails, and is told what: %s", (title, told) => {
  expect(leaks.get(title)).toHaveLength(1);
  expect(leaks.get(title)?.[0]).toContain(told);
});

test("a test that has failed by itself is told that alone", () => {
  expect(leaks.get("in-process: fails by itself, and leaks")).toHaveLength(1);
  expect(leaks.get("in-process: fails by itself, and leaks")?.[0]).toContain("expected 1 to be 2");
});

test("no server is started for a test that names none; one that does is told how to get one", async () => {
  const endings = await runCases("lazy.case.ts", { PATH: folder, SHOAL_NATS_SERVER: join(folder, "none") });
  expect(endings.get("names none")).toEqual([]);
  expect(endings.get("names the in-process mesh")).toEqual([]);
  expect(endings.get("names nats")?.[0]).toContain("ENOENT");
});
