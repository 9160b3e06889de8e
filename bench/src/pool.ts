import type { Bench, Benchmark, Outcome } from "./benchmark.ts";
import { costRow, costTable } from "./cost.ts";
import { chosen } from "./options.ts";
import { measureLanes } from "./pool/cost.ts";
import { PARTS, QUEUE_PARTS, type QueuePart } from "./pool/part.ts";
import { plots } from "./pool/plots.ts";
import { race } from "./pool/race.ts";
import { queueTargets, rows, tables } from "./pool/report.ts";
import type { Results } from "./pool/results.ts";
import { contenderNames, field } from "./pool/contender-name.ts";
import { CELLS, settingOf, type Setting } from "./pool/settings.ts";
import { Results as RaceResults } from "./race/results.ts";
import { target } from "./report.ts";
import { median } from "./stats.ts";

/** Parts that are measured on the same processes. */
const RACES: readonly { together: readonly QueuePart[]; rounds: number; seconds: number }[] = [
  { together: ["equal", "exponential"], rounds: 4, seconds: 12 },
  // Jobs of up to 10 s take long to end: one round.
  { together: ["mixed"], rounds: 1, seconds: 20 },
  { together: ["cluster"], rounds: 4, seconds: 12 },
];

/** How near a pool comes to one ideal queue that all its slots share, and what that costs handlers that do not need it. */
export const pool: Benchmark = {
  async run(bench: Bench): Promise<Outcome> {
    const { options, progress } = bench;
    const { quick } = options;
    const parts = chosen("part of pool", options.parts, PARTS);
    const contenders = chosen("contender", options.only, contenderNames);
    const queueParts = QUEUE_PARTS.filter((part) => parts.includes(part));
    const setting = (part: QueuePart): Setting => settingOf(part, quick);
    const results: Results = new RaceResults();
    for (const { together, rounds, seconds } of RACES) {
      const raced = new Set(together.filter((part) => parts.includes(part)));
      await race(results, {
        cells: CELLS.filter(({ part }) => raced.has(part)),
        contenders,
        settingOf: ({ part }) => setting(part),
        rounds: options.rounds ?? (quick ? 1 : rounds),
        seconds: options.seconds ?? (quick ? 1 : seconds),
        warmupSeconds: quick ? 0.5 : 1.5,
        progress,
      });
    }
    const costs = parts.includes("cost")
      ? [
          await measureLanes(bench, {
            rounds: options.rounds ?? (quick ? 3 : 10),
            seconds: quick ? 0.2 : 0.4,
          }),
        ]
      : [];
    return {
      packages: ["@shoal/mesh", "nats", "moleculer"],
      tables: [
        ...tables(results, setting),
        ...costs.map((each) =>
          costTable("What lanes cost a handler of a microsecond, 64 in flight", "responder", each),
        ),
      ],
      rows: [...rows(results), ...costs.map((each) => costRow("lanes", each))],
      targets: [
        ...(contenders.includes("shoal") ? queueTargets(results, queueParts) : []),
        ...costs.map(({ pct }) => target("lanes_overhead_pct", pct.median, "<=", 2)),
      ],
      plots: plots(results, setting),
      othersShare: median([...results.all, ...costs].map(({ othersShare }) => othersShare)),
      notes: [...results.notes(field), ...(queueParts.length > 0 ? NOTES : [])],
    };
  },
};

const NOTES = [
  "Ideal: one line for all slots, first come first served, with the instants at which this contender's jobs were really sent and the times that they really took.",
  "busy: work by capacity while jobs arrived; above the load by as much as timers were late. wait: latency without the work itself.",
  "Each contender runs as it comes, one job a slot. The same jobs at the same instants for all of them in a round; the others run in every second round.",
  "CPU is caller, pool and servers together, per job.",
];
