import type { Bench, Benchmark, Outcome } from "./benchmark.ts";
import { figuresOf } from "./overload/figures.ts";
import { callersTable, figuresRow, figuresTable, targetsOf } from "./overload/report.ts";
import { runOverload } from "./overload/scenario.ts";

/** Nodes remember answers for a minute: before that memory grows. */
const LONG_S = 60;

/** Nodes are offered three times what they can do, most of it by one caller. */
export const overload: Benchmark = {
  async run(bench: Bench): Promise<Outcome> {
    const { quick, seconds = quick ? 10 : 60 } = bench.options;
    const run = await runOverload(bench, seconds);
    const figures = figuresOf(run);
    return {
      packages: ["@shoal/mesh", "nats"],
      tables: [callersTable(run), figuresTable(run, figures)],
      rows: [figuresRow(run, figures)],
      othersShare: NaN,
      notes: NOTES,
      targets: targetsOf(figures, seconds >= LONG_S),
    };
  },
};

const NOTES = [
  "answered of it: answers a second in the overload over the rate of a closed loop that keeps every slot busy.",
  "really needed: the time in which the node began as many requests as its mailbox holds, and one.",
  "memory: its slope in the node that grew most, over the later half.",
];
