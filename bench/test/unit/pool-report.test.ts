import { expect, test } from "vitest";
import { chosen, UsageError } from "../../src/options.ts";
import { Findings } from "../../src/pool/findings.ts";
import { queueTargets, rows } from "../../src/pool/report.ts";
import { CELLS, type Cell } from "../../src/pool/settings.ts";
import type { Trial } from "../../src/pool/team.ts";

const cell = CELLS.find(({ part, percent }) => part === "equal" && percent === 70) as Cell;
const trial = (ratio: number): Trial => ({
  jobs: 100,
  p50: 21,
  p99: 50 * ratio,
  idealP50: 20,
  idealP99: 50,
  ratio,
  waitP99: 30,
  idealWaitP99: 29,
  busyPct: 70,
  cpuUs: 1_000,
  othersShare: 0,
});

test("a target is the median of the ratios in each round", () => {
  const findings = new Findings();
  for (const ratio of [1.1, 3, 1.12]) findings.add(cell, "shoal", trial(ratio));
  findings.add(cell, "queue-group", trial(9));
  const targets = queueTargets(findings, ["equal"]);
  expect(targets.find(({ name }) => name === "p99_vs_ideal_70")).toMatchObject({ value: 1.12, ok: true });
  expect(targets.find(({ name }) => name === "p99_vs_ideal_90")).toMatchObject({ value: null, ok: false });
  expect(targets.some(({ name }) => name.startsWith("cluster"))).toBe(false);
});

test("whoever is out has no figures, not even from before", () => {
  const findings = new Findings();
  findings.add(cell, "shoal", trial(1));
  findings.add(cell, "queue-group", trial(3));
  findings.fail("queue-group", "1 of 100 calls failed");
  expect(rows(findings).map(({ contender }) => contender)).toEqual(["shoal"]);
  expect(findings.failure("queue-group")).toBe("1 of 100 calls failed");
});

test("what is asked for is chosen in its own order, all when nothing is, and nothing that there is not", () => {
  expect(chosen("part", ["c", "a"], ["a", "b", "c"])).toEqual(["a", "c"]);
  expect(chosen("part", [], ["a", "b"])).toEqual(["a", "b"]);
  expect(() => chosen("part", ["x"], ["a", "b"])).toThrow(UsageError);
});
