import { estimateBar } from "../plot/estimate-bar.ts";
import type { Plot } from "../plot/plot.ts";
import { ratio } from "../race/ratio.ts";
import { cpu, rate, type Figure } from "./comparison.ts";
import type { Results } from "./results.ts";
import { contenderNames, roster } from "./roster.ts";
import { CELLS, cellTitle, type Cell } from "./settings.ts";

/** Throughput and processor time beside `nc.request`, for the loads with many requests in flight. */
export function plots(results: Results): Plot[] {
  const { busy, crowded, large } = CELLS;
  return [
    barsOf(results, {
      name: "throughput",
      title: "Requests a second, as a multiple of nc.request",
      of: rate,
      wanted: new Map<Cell, number>([
        [busy, 2],
        [crowded, 2.7],
        [large, 1.3],
      ]),
      better: "longer is better",
    }),
    barsOf(results, {
      name: "cpu",
      title: "Processor time a request, as a multiple of nc.request",
      of: cpu,
      wanted: new Map<Cell, number>([[busy, 0.5]]),
      better: "shorter is better",
    }),
  ];
}

interface Drawing {
  readonly name: string;
  readonly title: string;
  readonly of: Figure;
  /** What Shoal is to reach. */
  readonly wanted: ReadonlyMap<Cell, number>;
  readonly better: string;
}

function barsOf(results: Results, { name, title, of, wanted, better }: Drawing): Plot {
  return {
    kind: "bars",
    name,
    title,
    subtitle: `Median of the ratios in each round, with its 95 % interval; ${better}`,
    axis: "× nc.request",
    unit: "×",
    reference: { value: 1, label: "nc.request" },
    groups: [CELLS.busy, CELLS.crowded, CELLS.large].map((cell) => ({
      title: cellTitle(cell),
      bars: results.present(cell, contenderNames).flatMap((contender) => {
        const found = ratio(results, cell, of, contender, "nc-request");
        if (found === null || contender === "nc-request") return [];
        const bar = estimateBar(roster[contender].title, found);
        const target = wanted.get(cell);
        if (contender !== "shoal") return contender === "own-mux" ? { ...bar, role: "limit" as const } : bar;
        return { ...bar, role: "ours" as const, ...(target === undefined ? {} : { wanted: target }) };
      }),
    })),
  };
}
