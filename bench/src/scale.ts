import type { Bench, Benchmark } from "./benchmark.ts";
import { chosen } from "./options.ts";
import { measureProcesses } from "./scale/processes.ts";
import { measureReplicas } from "./scale/replicas.ts";
import type { Found } from "./scale/part.ts";

/** What the benchmark consists of, by the names that `--only` takes. */
const PARTS = {
  processes: (bench: Bench): Promise<Found> =>
    measureProcesses(bench, {
      rounds: bench.options.rounds ?? (bench.options.quick ? 3 : 9),
      seconds: bench.options.seconds ?? (bench.options.quick ? 0.4 : 1),
    }),
  replicas: (bench: Bench): Promise<Found> =>
    measureReplicas(bench, bench.options.seconds ?? (bench.options.quick ? 5 : 30)),
};

const PART_NAMES = Object.keys(PARTS) as (keyof typeof PARTS)[];

/** More processes, more agents, more replicas: what grows with them, and what must not. */
export const scale: Benchmark = {
  async run(bench) {
    const names = chosen("part of scale", bench.options.only, PART_NAMES);
    const found: Found[] = [];
    for (const name of names) found.push(await PARTS[name](bench));
    return {
      packages: ["@shoal/mesh", "nats"],
      tables: found.flatMap((each) => each.tables),
      rows: found.flatMap((each) => each.rows),
      targets: found.flatMap((each) => each.targets),
      plots: found.flatMap((each) => each.plots),
      notes: found.flatMap((each) => each.notes),
      othersShare: found.map((each) => each.othersShare).find(Number.isFinite) ?? NaN,
    };
  },
};
