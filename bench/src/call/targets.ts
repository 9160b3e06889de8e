import { ratio } from "../race/ratio.ts";
import { target, tiedTarget, type Target } from "../report.ts";
import type { Estimate } from "../stats.ts";
import { cpu, p50, rate, type Figure } from "./comparison.ts";
import type { Results } from "./results.ts";
import type { ContenderName } from "./roster.ts";
import { CELLS, type Cell } from "./settings.ts";

/** What the race is judged by: Shoal against others in the same rounds. Only who was to run is compared with. */
export function raceTargets(results: Results, contenders: readonly ContenderName[]): Target[] {
  if (!contenders.includes("shoal")) return [];
  const against = (cell: Cell, of: Figure, to: ContenderName): Estimate | null =>
    ratio(results, cell, of, "shoal", to);
  const faster = (name: string, cell: Cell, to: ContenderName, wanted: number): Judged => ({
    to,
    judged: target(name, against(cell, rate, to)?.median ?? null, ">=", wanted),
  });
  const { alone, busy, crowded, large } = CELLS;
  const all: readonly Judged[] = [
    faster("throughput_vs_request_64", busy, "nc-request", 2),
    faster("throughput_vs_moleculer_64", busy, "moleculer", 1.2),
    faster("throughput_vs_own_mux_64", busy, "own-mux", 0.7),
    {
      to: "nc-request",
      judged: target("cpu_vs_request_64", against(busy, cpu, "nc-request")?.median ?? null, "<=", 0.5),
    },
    faster("throughput_vs_request_256", crowded, "nc-request", 2.7),
    faster("throughput_vs_moleculer_256", crowded, "moleculer", 1.35),
    faster("throughput_vs_own_mux_256", crowded, "own-mux", 0.75),
    faster("throughput_vs_request_4k_64", large, "nc-request", 1.3),
    {
      to: "nc-request",
      judged: tiedTarget("p50_vs_request_1", against(alone, p50, "nc-request"), "<=", 1),
    },
  ];
  return all.filter(({ to }) => contenders.includes(to)).map(({ judged }) => judged);
}

interface Judged {
  readonly to: ContenderName;
  readonly judged: Target;
}
