import type { Bench, Benchmark, Outcome } from "./benchmark.ts";
import { estimateFields, figure, interval, target } from "./report.ts";
import { estimate, median } from "./stats.ts";
import { measureRates } from "./tasks/rate.ts";
import { runStorm } from "./tasks/storm.ts";

/** Durable tasks while workers and NATS die, and how fast they are beside bare JetStream. */
export const tasks: Benchmark = {
  async run(bench: Bench): Promise<Outcome> {
    const { options } = bench;
    const storm = await runStorm(bench);
    const rounds = await measureRates(bench, options.rounds ?? (options.quick ? 2 : 7));
    const ratio = estimate(rounds.map(({ shoal, bare }) => shoal / bare));
    const { lost, completedTwice, doneAgain, kills, restarts, tookS } = storm;
    return {
      packages: ["@shoal/mesh", "nats"],
      tables: [
        {
          title: `${storm.tasks.toLocaleString("en-US")} tasks, a worker killed every second, NATS once`,
          head: ["", "measured"],
          body: [
            ["lost", figure(lost)],
            ["completed twice", figure(completedTwice)],
            ["done again, since who did it died before the result was kept", figure(doneAgain)],
            ["workers killed", figure(kills)],
            ["restarts of NATS", figure(restarts)],
            ["took, s", figure(tookS)],
          ],
        },
        {
          title: "Tasks a second, undisturbed (medians)",
          head: ["contender", "tasks/s", "× bare", "95 %"],
          body: [
            [
              "bare JetStream: publish, consume, ack",
              figure(median(rounds.map(({ bare }) => bare))),
              "1",
              "",
            ],
            [
              "Shoal",
              figure(median(rounds.map(({ shoal }) => shoal))),
              figure(ratio.median),
              interval(ratio),
            ],
          ],
        },
      ],
      rows: [
        {
          measure: "storm",
          tasks: storm.tasks,
          lost,
          completed_twice: completedTwice,
          done_again: doneAgain,
          kills,
          restarts,
          took_s: tookS,
        },
        { measure: "rate", rounds: rounds.length, ...estimateFields("rate_vs_jetstream", ratio) },
      ],
      othersShare: NaN,
      notes: NOTES,
      targets: [
        target("lost", lost, "<=", 0),
        target("completed_twice", completedTwice, "<=", 0),
        target("rate_vs_jetstream", ratio.median, ">=", 0.5),
      ],
    };
  },
};

const NOTES = [
  "Four processes with 64 slots each; a task is a number, its work a line in a file that outlives the process.",
  "completed twice: run to its end once more after its result was kept. No queue can keep work from being done again that was done by a process that dies before it can say so.",
  "Rate: from the first task that is submitted, 256 at a time, to the last that is acknowledged. Shoal keeps the result of each as well, bare JetStream none; both in files.",
];
