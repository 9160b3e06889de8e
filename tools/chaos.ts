/**
 * Every request ends exactly once: random requests through random faults, in one process on a clock of its own, and with
 * real processes, servers and networks. Progress on standard error, a table on standard output.
 *
 *     pnpm run chaos
 *     SHOAL_CHAOS_SEED=7 SHOAL_CHAOS_REQUESTS=50000 pnpm run chaos
 */
import type { Ledger } from "../packages/mesh/test/support/ledger.ts";
import { ProcessStorm } from "../packages/mesh/test/support/process-storm.ts";
import { Storm } from "../packages/mesh/test/support/storm.ts";

const seed = Number(process.env["SHOAL_CHAOS_SEED"] ?? Date.now() % 1_000_000_000);
const requests = Number(process.env["SHOAL_CHAOS_REQUESTS"] ?? 1_000_000);
/** With real processes. */
const REAL_REQUESTS = 8_000;
const TELL_EVERY_MS = 5_000;

const startedAt = performance.now();
const seconds = (since: number): string => `${Math.round((performance.now() - since) / 1_000)} s`;
const rows: Record<string, Record<string, number | string>> = {};
const problems: string[] = [];

for (const isLossy of [false, true]) {
  const name = isLossy ? "as NATS, and messages lost and doubled" : "as NATS";
  await run(name, (onProgress) => new Storm({ seed, requests: requests / 2, isLossy, onProgress }));
}
await run("real processes", (onProgress) => new ProcessStorm({ seed, requests: REAL_REQUESTS, onProgress }));

console.table(rows);
console.log(`seed ${seed}, ${seconds(startedAt)}`);
for (const problem of problems) console.error(problem);
if (problems.length > 0) {
  console.error(`replay with SHOAL_CHAOS_SEED=${seed} SHOAL_CHAOS_REQUESTS=${requests}`);
  process.exitCode = 1;
}

async function run(
  name: string,
  make: (onProgress: (ledger: Ledger) => void) => Storm | ProcessStorm,
): Promise<void> {
  const begunAt = performance.now();
  let toldAt = begunAt;
  const storm = make(({ ended, waiting }) => {
    if (performance.now() - toldAt < TELL_EVERY_MS) return;
    toldAt = performance.now();
    console.error(`${name}: ${ended} ended, ${waiting} under way, ${seconds(begunAt)}`);
  });
  await storm.run();
  if (storm instanceof ProcessStorm) await storm[Symbol.asyncDispose]();
  rows[name] = { ...storm.ledger.figures, faults: storm.faults, took: seconds(begunAt) };
  problems.push(...storm.ledger.problems.map((problem) => `${name}: ${problem}`));
}
