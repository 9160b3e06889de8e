import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "shoal-digest-test-"));

afterAll(() => rmSync(folder, { recursive: true }));

it("loses nothing when one of its processes is killed half way", async () => {
  const { documents, answered, sentAgain, ...figures } = JSON.parse(await demo("--json")) as Record<
    string,
    number
  >;
  expect(figures).toMatchObject({
    requests: 3 * 12 * (documents ?? 0),
    failed: {},
    lost: 0,
    differing: 0,
    killed: { signal: "SIGKILL", pid: expect.any(Number) as number },
  });
  expect(answered).toBe(figures["requests"]);
  expect(sentAgain).toBeGreaterThan(0);
});

it("says so", async () => {
  const said = await demo();
  expect(said).toMatch(/\n {2}\S+ {2}pid \d+ .* answers .* \(killed half way\)\n/);
  expect(said).toMatch(
    /\nNode \S+ was killed \(SIGKILL\) after \d+ requests; the \d+ that it held, or may have held, were answered by the others\.\n/,
  );
  expect(said).toMatch(/\nNothing was lost: (\d+) sent, \1 answered, 0 failed;/);
});

async function demo(...more: string[]): Promise<string> {
  const child = spawn(
    process.execPath,
    ["--conditions=shoal-source", MAIN, "--rounds", "12", "--report", join(folder, "digest.md"), ...more],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  const [said, code] = await Promise.all([
    text(child.stdout),
    new Promise((resolve) => child.once("close", resolve)),
  ]);
  expect(code, said).toBe(0);
  return said;
}
