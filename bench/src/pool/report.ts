import {
  estimateFields,
  figure,
  interval,
  rounded,
  target,
  type Row,
  type Table,
  type Target,
} from "../report.ts";
import { estimate, median, type Estimate } from "../stats.ts";
import { QUEUE_PARTS, type QueuePart } from "./part.ts";
import type { Results } from "./results.ts";
import { contenderNames, field, type ContenderName } from "./contender-name.ts";
import { CELLS, PROCESSES, TARGETS, type Cell, type Setting } from "./settings.ts";
import type { Trial } from "./trial.ts";

/** One contender at one load, with its trials. */
export interface Line {
  readonly cell: Cell;
  readonly name: ContenderName;
  readonly trials: readonly Trial[];
}

/** One table for each part that was measured. */
export function tables(results: Results, settingOf: (part: QueuePart) => Setting): Table[] {
  return QUEUE_PARTS.flatMap((part) => {
    const found = linesOf(results, part);
    if (found.length === 0) return [];
    const { title, slotsPerProcess } = settingOf(part);
    const slots = slotsPerProcess === 1 ? "one slot" : `${slotsPerProcess} replicas of one slot`;
    return [
      {
        title: `${PROCESSES} processes, ${slots} each, jobs ${title} (medians of the rounds; × is p99 against the ideal's in each round)`,
        head: [
          "contender",
          "load %",
          "busy %",
          "jobs",
          "p50 ms",
          "ideal",
          "p99 ms",
          "ideal",
          "×",
          "95 %",
          "wait p99",
          "ideal",
          "CPU µs",
        ],
        body: found.map(tableLine),
      },
    ];
  });
}

function tableLine({ cell, name, trials }: Line): string[] {
  const middle = (of: (trial: Trial) => number): string => figure(median(trials.map(of)));
  const ratio = ratioOf(trials);
  return [
    field[name].title,
    String(cell.percent),
    middle(({ busyPct }) => busyPct),
    middle(({ jobs }) => jobs),
    middle(({ p50 }) => p50),
    middle(({ idealP50 }) => idealP50),
    middle(({ p99 }) => p99),
    middle(({ idealP99 }) => idealP99),
    figure(ratio.median),
    trials.length > 1 ? interval(ratio) : "",
    middle(({ waitP99 }) => waitP99),
    middle(({ idealWaitP99 }) => idealWaitP99),
    middle(({ cpuUs }) => cpuUs),
  ];
}

/** The same for machines. */
export function rows(results: Results): Row[] {
  return QUEUE_PARTS.flatMap((part) =>
    linesOf(results, part).map(({ cell, name, trials }) => {
      const middle = (of: (trial: Trial) => number): number => rounded(median(trials.map(of)));
      const ratio = ratioOf(trials);
      return {
        part,
        load_percent: cell.percent,
        contender: name,
        rounds: trials.length,
        jobs: trials.reduce((sum, { jobs }) => sum + jobs, 0),
        busy_pct: middle(({ busyPct }) => busyPct),
        p50_ms: middle(({ p50 }) => p50),
        p99_ms: middle(({ p99 }) => p99),
        ideal_p50_ms: middle(({ idealP50 }) => idealP50),
        ideal_p99_ms: middle(({ idealP99 }) => idealP99),
        ...estimateFields("p99_vs_ideal", ratio),
        wait_p99_ms: middle(({ waitP99 }) => waitP99),
        ideal_wait_p99_ms: middle(({ idealWaitP99 }) => idealWaitP99),
        cpu_us: middle(({ cpuUs }) => cpuUs),
        others_share: middle(({ othersShare }) => othersShare),
      };
    }),
  );
}

/** What Shoal is judged by in these parts. */
export function queueTargets(results: Results, parts: readonly QueuePart[]): Target[] {
  return TARGETS.filter(({ part }) => parts.includes(part)).map(({ name, part, percent, most }) => {
    const cell = CELLS.find((each) => each.part === part && each.percent === percent);
    const trials = cell ? results.of(cell, "shoal") : [];
    return target(name, trials.length > 0 ? median(trials.map(({ ratio }) => ratio)) : null, "<=", most);
  });
}

/** p99 against the ideal's. */
export function ratioOf(trials: readonly Trial[]): Estimate {
  return estimate(trials.map(({ ratio }) => ratio));
}

/** Everyone who has figures in a part, load by load. */
export function linesOf(results: Results, part: QueuePart): Line[] {
  return CELLS.filter((cell) => cell.part === part).flatMap((cell) =>
    results.present(cell, contenderNames).map((name) => ({ cell, name, trials: results.of(cell, name) })),
  );
}
