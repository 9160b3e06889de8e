import type { Bench, Benchmark, Outcome } from "./benchmark.ts";
import { type Fault, type Run, runScenario } from "./failover/scenario.ts";
import { type Row, figure, target } from "./report.ts";
import { quantile } from "./stats.ts";

const SECONDS = 60;
const QUICK_SECONDS = 10;

/** What became of the calls of one run. */
interface Account {
  readonly sent: number;
  readonly ok: number;
  readonly failed: number;
  readonly hung: number;
  /** Answered to the caller, though no node finished the work; or finished by none and answered by none. */
  readonly lost: number;
  /** Finished more than once, though no process that finished it was killed before its answer was out. */
  readonly duplicates: number;
  /** Milliseconds from a node's death to the answer of each call that it held. */
  readonly redispatchMs: readonly number[];
}

/** Nodes are killed, then drained, then their NATS server is killed, under a steady load of 200 ms handlers. */
export const failover: Benchmark = {
  async run(bench: Bench): Promise<Outcome> {
    const seconds = bench.options.seconds ?? (bench.options.quick ? QUICK_SECONDS : SECONDS);
    const accounts = new Map<Fault, Account>();
    for (const fault of ["kill", "drain", "server"] as const) {
      bench.progress(`${fault}: ${seconds} s`);
      accounts.set(fault, accountFor(await runScenario(fault, seconds)));
    }
    const of = (fault: Fault): Account => accounts.get(fault) as Account;
    const p99 = quantile(of("kill").redispatchMs, 0.99);
    return {
      packages: ["@shoal/mesh", "nats"],
      tables: [table(accounts)],
      rows: [...accounts].map(([fault, account]) => rowOf(fault, account)),
      othersShare: Number.NaN,
      notes: [
        "kill: SIGKILL to one of 4 nodes every 2 s; drain: SIGTERM likewise; server: SIGKILL to nats-server every 5 s, and a restart.",
        "100 idempotent calls/s of 200 ms. Done twice: two handlers finished it, neither in a process that was killed.",
      ],
      targets: [
        target("lost", of("kill").lost, "<=", 0),
        target("hung", of("kill").hung, "<=", 0),
        target("failed", of("kill").failed, "<=", 0),
        target("unexplained_duplicates", of("kill").duplicates, "<=", 0),
        target("redispatch_p99_ms", p99, "<=", 500),
        target("drain_failed", of("drain").failed + of("drain").hung, "<=", 0),
        target("server_restart_hung", of("server").hung, "<=", 0),
        target("server_restart_failed", of("server").failed, "<=", 0),
      ],
    };
  },
};

function accountFor({ calls, faults, begun, finished }: Run): Account {
  const ok = calls.filter(({ outcome }) => outcome === "ok");
  const killed = new Set(faults.map(({ pid }) => pid));
  const hung = calls.filter(({ outcome }) => outcome === undefined);
  return {
    sent: calls.length,
    ok: ok.length,
    hung: hung.length,
    failed: calls.length - ok.length - hung.length,
    lost: ok.filter(({ key }) => !finished.has(key)).length,
    duplicates: [...finished.values()].filter(
      (pids) => pids.length > 1 && !pids.some((pid) => killed.has(pid)),
    ).length,
    redispatchMs: faults.flatMap(({ at, pid }) =>
      ok
        .filter(
          ({ key, sentAt, endedAt }) => sentAt < at && (endedAt ?? 0) > at && begun.get(key)?.includes(pid),
        )
        .filter(({ key }) => !finished.get(key)?.includes(pid))
        .map(({ endedAt }) => (endedAt ?? 0) - at),
    ),
  };
}

function table(accounts: ReadonlyMap<Fault, Account>): Outcome["tables"][number] {
  return {
    title: "100 calls/s of 200 ms on 4 nodes",
    head: ["fault", "sent", "ok", "failed", "hung", "lost", "done twice", "redispatched", "p50 ms", "p99 ms"],
    body: [...accounts].map(([fault, each]) => [
      fault,
      ...[
        each.sent,
        each.ok,
        each.failed,
        each.hung,
        each.lost,
        each.duplicates,
        each.redispatchMs.length,
      ].map(String),
      figure(quantile(each.redispatchMs, 0.5)),
      figure(quantile(each.redispatchMs, 0.99)),
    ]),
  };
}

function rowOf(fault: Fault, { redispatchMs, ...counts }: Account): Row {
  return {
    fault,
    ...counts,
    redispatched: redispatchMs.length,
    redispatch_p99_ms: quantile(redispatchMs, 0.99),
  };
}
