import { target, type Target } from "../report.ts";
import { cpu, p50, rate, ratio, type Figure } from "./comparison.ts";
import type { Results } from "./results.ts";
import type { ContenderName } from "./roster.ts";
import { CELLS, type Cell } from "./settings.ts";

/** What the race is judged by: Shoal against others in the same rounds. */
export function raceTargets(results: Results): Target[] {
  const against = (cell: Cell, of: Figure, to: ContenderName): number | null =>
    ratio(results, cell, of, "shoal", to)?.median ?? null;
  return [
    target("throughput_vs_request_64", against(CELLS.busy, rate, "nc-request"), ">=", 1.6),
    target("throughput_vs_request_256", against(CELLS.crowded, rate, "nc-request"), ">=", 2.1),
    target("throughput_vs_request_4k_64", against(CELLS.large, rate, "nc-request"), ">=", 1.0),
    target("throughput_vs_moleculer_64", against(CELLS.busy, rate, "moleculer"), ">=", 1.0),
    target("throughput_vs_moleculer_256", against(CELLS.crowded, rate, "moleculer"), ">=", 1.1),
    target("cpu_vs_request_64", against(CELLS.busy, cpu, "nc-request"), "<=", 0.65),
    target("p50_vs_request_1", against(CELLS.alone, p50, "nc-request"), "<=", 1.05),
  ];
}
