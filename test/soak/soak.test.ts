import { expect, test } from "vitest";
import { report } from "./report.ts";
import { Soak } from "./soak.ts";

const seed = Number(process.env["SHOAL_SOAK_SEED"] ?? Date.now() % 1_000_000_000);
/** Gentle: other tests run beside it. */
const OPTIONS = { durationMs: 55_000, rate: 40, faults: true };

test("SO1, SO2, SO3, SO4: a minute of everything, with faults: books agree, and nothing is left behind", async () => {
  await using soak = await Soak.begin({ ...OPTIONS, seed });
  const outcome = await soak.run();
  expect(outcome.problems, `replay with SHOAL_SOAK_SEED=${seed}\n${report(outcome)}`).toEqual([]);
  expect(outcome.lines.length).toBeGreaterThan(10);
  expect(Object.values(outcome.faults).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(2);
}, 150_000);
