import type { Bench, Benchmark, Outcome } from "./benchmark.ts";
import { type Contender, POLICIES, fixed, gridAround } from "./adaptive/contenders.ts";
import { type Figures, figuresOf } from "./adaptive/figures.ts";
import { type Fixed, fixedRow, fixedTable, policyRow, policyTable, targetsOf } from "./adaptive/report.ts";
import { rateOf } from "./adaptive/timeline.ts";
import { type Trial, runTrials } from "./adaptive/trial.ts";

const KNEES = [40, 16] as const;
/** Contenders at a time: more would disturb each other. */
const AT_ONCE = 4;
/** Before a fixed limit is measured. */
const WARMUP_S = 1;

/** A batch against a backend whose knee moves at half time: policies that find the limit beside the best fixed one. */
export const adaptive: Benchmark = {
  async run(bench: Bench): Promise<Outcome> {
    const { quick, seconds = quick ? 22 : 30 } = bench.options;
    const { url } = await bench.server();
    const all: Fixed[] = [];
    for (const knee of KNEES) all.push(...(await fixedAround(bench, url, knee)));
    const best = new Map(KNEES.map((knee) => [knee, fixed(bestFor(knee, all))]));
    const figures: Figures[] = [];
    const [first, second] = KNEES;
    const ways = quick
      ? ([[first, second]] as const)
      : ([
          [first, second],
          [second, first],
        ] as const);
    for (const knees of ways) {
      for (const policies of quick ? POLICIES.slice(0, 1) : POLICIES) {
        const names = policies.map(({ name }) => name).join(", ");
        bench.progress(`knee ${knees.join(" → ")}: ${names}, ${2 * seconds} s`);
        const [a, b, ...trials] = await runTrials(
          url,
          [...knees.map((knee) => best.get(knee) as Contender), ...policies],
          { knees, seconds },
        );
        const beside = new Map([a, b].map((trial, n) => [knees[n] as number, trial as Trial]));
        figures.push(...trials.map((trial) => figuresOf(trial, knees, seconds, beside)));
      }
    }
    return {
      packages: ["@shoal/mesh", "nats"],
      tables: [fixedTable(all), policyTable(figures)],
      rows: [...all.map(fixedRow), ...figures.map(policyRow)],
      targets: targetsOf(figures),
      othersShare: NaN,
      notes: NOTES,
    };
  },
};

function bestFor(knee: number, all: readonly Fixed[]): number {
  const there = all.filter((each) => each.knee === knee);
  return there.reduce((a, b) => (b.rate > a.rate ? b : a)).limit;
}

async function fixedAround({ options, progress }: Bench, url: string, knee: number): Promise<Fixed[]> {
  const all: Fixed[] = [];
  const grid = gridAround(knee, options.quick);
  const seconds = options.quick ? 1.5 : 4;
  while (grid.length > 0) {
    const limits = grid.splice(0, AT_ONCE);
    progress(`fixed limits ${limits.join(", ")} at a knee of ${knee}`);
    const trials = await runTrials(url, limits.map(fixed), { knees: [knee, knee], seconds });
    for (const [n, { batched }] of trials.entries())
      all.push({ knee, limit: limits[n] ?? 0, rate: rateOf(batched.ok, WARMUP_S, 2 * seconds) });
  }
  return all;
}

const NOTES = [
  "The backend takes 100 ms ± 15 % up to its knee; beyond it all calls slow down with (calls / knee)², so that twice the knee does half; over three times the knee it refuses.",
  "Targets are the worst of the policy `gradient` at a batch; the others are told as they are. `simple` has the numbers of its origin, at most 10 at once.",
  "The limits that were best for each knee run beside the policies: a machine that slows down slows all of them.",
  "found after: until throughput is within a tenth of the best fixed limit's for two seconds, and on average until the half ends.",
];
