import type { Bench, Benchmark, Outcome } from "./benchmark.ts";
import { chosen } from "./options.ts";
import { overheadRow, overheadTable } from "./overhead.ts";
import { measureCost } from "./pool/cost.ts";
import { Findings } from "./pool/findings.ts";
import { PARTS, QUEUE_PARTS, type QueuePart } from "./pool/part.ts";
import { race } from "./pool/race.ts";
import { othersShares, queueTargets, rows, tables } from "./pool/report.ts";
import { contenderNames, roster } from "./pool/roster.ts";
import { CELLS, settingOf, type Setting } from "./pool/settings.ts";
import { target } from "./report.ts";
import { median } from "./stats.ts";

/** Parts that are measured on the same processes. */
const RACES: readonly (readonly QueuePart[])[] = [["equal", "exponential"], ["mixed"], ["cluster"]];

/** How near a pool comes to one ideal queue that all its slots share, and what that costs handlers that do not need it. */
export const pool: Benchmark = {
  async run(bench: Bench): Promise<Outcome> {
    const { options, progress } = bench;
    const { quick } = options;
    const parts = chosen("part of pool", options.parts, PARTS);
    const only = chosen("contender", options.only, contenderNames);
    const setting = (part: QueuePart): Setting => settingOf(part, quick);
    const findings = new Findings();
    for (const together of RACES) {
      const cells = CELLS.filter(({ part }) => together.includes(part) && parts.includes(part))
        .map((cell) => ({ ...cell, contenders: cell.contenders.filter((name) => only.includes(name)) }))
        .filter(({ contenders }) => contenders.length > 0);
      const [first] = cells;
      if (first === undefined) continue;
      const { rounds, seconds } = first.part === "mixed" ? MIXED : USUAL;
      const { slotsPerProcess, servers } = setting(first.part);
      await race(findings, {
        cells,
        serviceOf: ({ part }) => setting(part).service,
        slotsPerProcess,
        servers,
        rounds: options.rounds ?? (quick ? 1 : rounds),
        seconds: options.seconds ?? (quick ? 1 : seconds),
        warmupSeconds: quick ? 0.5 : 1.5,
        progress,
      });
    }
    const cost = quick ? QUICK_COST : COST;
    const costs = parts.includes("cost")
      ? [await measureCost({ ...cost, rounds: options.rounds ?? cost.rounds, progress })]
      : [];
    const queueParts = QUEUE_PARTS.filter((part) => parts.includes(part));
    return {
      packages: ["@shoal/mesh", "nats", "moleculer"],
      tables: [
        ...tables(findings, setting),
        ...costs.map((each) =>
          overheadTable("What lanes cost a handler of a microsecond", "responder", each),
        ),
      ],
      rows: [...rows(findings), ...costs.map((each) => overheadRow("lanes_overhead", each))],
      targets: [
        ...queueTargets(findings, queueParts),
        ...costs.map(({ pct }) => target("lanes_overhead_pct", pct.median, "<=", 2)),
      ],
      othersShare: median([...othersShares(findings), ...costs.map(({ othersShare }) => othersShare)]),
      notes: [
        ...contenderNames.flatMap((name) => {
          const reason = findings.failure(name);
          return reason === undefined ? [] : [`${roster[name].title} is out: ${reason}`];
        }),
        ...NOTES,
      ],
    };
  },
};

const USUAL = { rounds: 4, seconds: 12 };
/** Jobs of up to 10 s take long to end: one round. */
const MIXED = { rounds: 1, seconds: 20 };
const COST = { rounds: 10, seconds: 0.4 };
const QUICK_COST = { rounds: 3, seconds: 0.2 };

const NOTES = [
  "Ideal: one line for all slots, first come first served, with the instants at which this contender's jobs were really sent and the times that they really took.",
  "busy: work by capacity while jobs arrived; above the load by as much as timers were late. wait: latency without the work itself.",
  "Each contender runs as it comes, one job a slot. The same jobs at the same instants for all of them in a round; the others run in every second round.",
  "CPU is caller, pool and servers together, per job.",
];
