import { expect, test } from "vitest";
import { plots } from "../../src/pool/plots.ts";
import { queueTargets, rows } from "../../src/pool/report.ts";
import type { Results } from "../../src/pool/results.ts";
import { CELLS, settingOf, type Cell } from "../../src/pool/settings.ts";
import type { Trial } from "../../src/pool/trial.ts";
import { Results as RaceResults } from "../../src/race/results.ts";

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
  const results: Results = new RaceResults();
  for (const ratio of [1.1, 3, 1.12]) results.add(cell, "shoal", trial(ratio));
  results.add(cell, "queue-group", trial(9));
  const targets = queueTargets(results, ["equal"]);
  expect(targets.find(({ name }) => name === "p99_vs_ideal_70")).toMatchObject({ value: 1.12, ok: true });
  expect(targets.find(({ name }) => name === "p99_vs_ideal_90")).toMatchObject({ value: null, ok: false });
  expect(targets.some(({ name }) => name.startsWith("cluster"))).toBe(false);
});

test("whoever is out has no figures, not even from before", () => {
  const results: Results = new RaceResults();
  results.add(cell, "shoal", trial(1));
  results.add(cell, "queue-group", trial(3));
  results.fail("queue-group", "1 of 100 calls failed");
  expect(rows(results).map(({ contender }) => contender)).toEqual(["shoal"]);
  expect(results.failure("queue-group")).toBe("1 of 100 calls failed");
});

test("bars show the ratio beside the ideal, by load, with an interval where there are several rounds", () => {
  const results: Results = new RaceResults();
  for (const ratio of [1.1, 1.2]) results.add(cell, "shoal", trial(ratio));
  results.add(cell, "queue-group", trial(3));
  const [plot, ...more] = plots(results, (part) => settingOf(part, false));
  expect(more).toEqual([]);
  expect(plot).toMatchObject({
    name: "equal",
    reference: { value: 1 },
    groups: [
      {
        title: "70 % load",
        bars: [
          { label: "NATS queue group", value: 3 },
          { label: "Shoal", value: expect.closeTo(1.15), low: 1.1, high: 1.2, wanted: 1.15, role: "ours" },
        ],
      },
    ],
  });
});
