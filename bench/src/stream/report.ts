import { estimateBar } from "../plot/estimate-bar.ts";
import type { Plot } from "../plot/plot.ts";
import { ratio } from "../race/ratio.ts";
import type { Figure as FigureOf, Results as RaceResults } from "../race/results.ts";
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
import { median } from "../stats.ts";
import type { Measured } from "./measure.ts";
import { contenderNames, roster, type ContenderName } from "./roster.ts";
import { CELLS, cellTitle, type Cell } from "./settings.ts";

type Results = RaceResults<Cell, ContenderName, Measured>;
type Figure = FigureOf<Measured>;

const rate: Figure = (measured) => measured.rate;
const cpu: Figure = (measured) => measured.cpuUs;
const WANTED = 0.7;

/** One table for each load. */
export function tables(results: Results): Table[] {
  return Object.values(CELLS).map((cell) => ({
    title: `${cellTitle(cell)} (medians; × is the median of the ratios in each round, with its 95 % interval)`,
    head: [
      "contender",
      "chunks/s",
      "first p50 µs",
      "first p99 µs",
      "CPU µs a chunk",
      "× raw",
      "95 %",
      "CPU ×",
    ],
    body: results.present(cell, contenderNames).map((name) => {
      const measured = results.of(cell, name);
      const toRaw = ratio(results, cell, rate, name, "raw");
      return [
        roster[name].title,
        figure(median(measured.map(rate))),
        figure(median(measured.map(({ firstP50Us }) => firstP50Us))),
        figure(median(measured.map(({ firstP99Us }) => firstP99Us))),
        figure(median(measured.map(cpu))),
        figure(toRaw?.median),
        interval(toRaw),
        figure(ratio(results, cell, cpu, name, "raw")?.median),
      ];
    }),
  }));
}

/** The same for machines. */
export function rows(results: Results): Row[] {
  return Object.values(CELLS).flatMap((cell) =>
    results.present(cell, contenderNames).map((contender) => {
      const measured = results.of(cell, contender);
      const middle = (of: Figure): number => rounded(median(measured.map(of)));
      const toRaw = ratio(results, cell, rate, contender, "raw");
      return {
        contender,
        chunks: cell.chunks,
        bytes: cell.bytes,
        streams: cell.streams,
        rounds: measured.length,
        rate: middle(rate),
        first_p50_us: middle(({ firstP50Us }) => firstP50Us),
        first_p99_us: middle(({ firstP99Us }) => firstP99Us),
        cpu_us: middle(cpu),
        others_share: middle(({ othersShare }) => othersShare),
        ...estimateFields("throughput_vs_raw", toRaw),
      };
    }),
  );
}

/** What is wanted of chunks a second beside raw publishing, at each load. */
export function targets(results: Results): Target[] {
  const at = (cell: Cell): number | null => ratio(results, cell, rate, "shoal", "raw")?.median ?? null;
  return [
    target("stream_vs_raw", at(CELLS.one), ">=", WANTED),
    target("stream_vs_raw_8", at(CELLS.several), ">=", WANTED),
    target("stream_vs_raw_long", at(CELLS.long), ">=", WANTED),
  ];
}

/** Chunks a second beside raw publishing. */
export function plots(results: Results): Plot[] {
  return [
    {
      kind: "bars",
      name: "throughput",
      title: "Chunks a second, as a multiple of raw publishing to an inbox",
      subtitle: "Median of the ratios in each round, with its 95 % interval; longer is better",
      axis: "× raw publish, callback",
      unit: "×",
      reference: { value: 1, label: "raw, callback" },
      groups: Object.values(CELLS).map((cell) => ({
        title: cellTitle(cell),
        bars: results.present(cell, contenderNames).flatMap((name) => {
          const found = ratio(results, cell, rate, name, "raw");
          if (found === null || name === "raw") return [];
          const bar = estimateBar(roster[name].title, found);
          return name === "shoal" ? { ...bar, role: "ours" as const, wanted: WANTED } : bar;
        }),
      })),
    },
  ];
}
