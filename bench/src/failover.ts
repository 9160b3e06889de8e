import type { Bench, Benchmark, Outcome } from "./benchmark.ts";
import { costRow, costTable } from "./cost.ts";
import { type Account, accountFor } from "./failover/account.ts";
import { measureOverhead } from "./failover/overhead.ts";
import { FAULTS, type Fault, PARTS } from "./failover/part.ts";
import { accountRow, accountTable, faultTargets, overheadTarget, plots } from "./failover/report.ts";
import { runScenario } from "./failover/scenario.ts";
import { chosen } from "./options.ts";

/** Nodes are killed, then drained, then their NATS server is killed, under a steady load; then what it costs to watch. */
export const failover: Benchmark = {
  async run(bench: Bench): Promise<Outcome> {
    const { quick, rounds, seconds = quick ? 10 : 60 } = bench.options;
    const parts = chosen("part of failover", bench.options.parts, PARTS);
    const accounts = new Map<Fault, Account>();
    for (const fault of FAULTS.filter((each) => parts.includes(each))) {
      bench.progress(`${fault}: ${seconds} s`);
      accounts.set(fault, accountFor(await runScenario(fault, seconds)));
    }
    const overhead = parts.includes("overhead")
      ? [await measureOverhead(bench, { rounds: rounds ?? (quick ? 5 : 16), seconds: quick ? 0.2 : 0.5 })]
      : [];
    return {
      packages: ["@shoal/mesh", "nats"],
      tables: [
        ...(accounts.size > 0 ? [accountTable(accounts)] : []),
        ...overhead.map((each) =>
          costTable("What failover costs an idempotent echo, 64 in flight", "caller", each),
        ),
      ],
      rows: [
        ...[...accounts].map((entry) => accountRow(...entry)),
        ...overhead.map((each) => costRow("overhead", each)),
      ],
      plots: plots(accounts),
      othersShare: overhead[0]?.othersShare ?? NaN,
      notes: accounts.size > 0 ? NOTES : [],
      targets: [
        ...[...accounts].flatMap(([fault, account]) => faultTargets[fault](account)),
        ...overhead.map(overheadTarget),
      ],
    };
  },
};

const NOTES = [
  "kill: SIGKILL to a node every 2 s, and a new one; drain: SIGTERM likewise; server: SIGKILL to nats-server every 5 s, and a restart.",
  "lost: answered though no node finished the work, or never ended. retried: ended at an attempt after the first.",
  "done twice is explained when the process that finished first was killed within 50 ms, or while the server was away.",
  "ms: from the fault to the answer, of the calls that were sent again.",
];
