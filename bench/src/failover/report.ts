import type { Cost } from "../cost.ts";
import type { Plot } from "../plot/plot.ts";
import { figure, rounded, target, type Row, type Table, type Target } from "../report.ts";
import { quantile } from "../stats.ts";
import type { Account } from "./account.ts";
import type { Fault } from "./part.ts";
import { HANDLER_MS, NODES, PER_SECOND } from "./scenario.ts";

export type Accounts = ReadonlyMap<Fault, Account>;

export function accountTable(accounts: Accounts): Table {
  return {
    title: `${PER_SECOND} idempotent calls/s of ${HANDLER_MS} ms on ${NODES} nodes`,
    head: [
      "fault",
      "sent",
      "ok",
      "failed",
      "hung",
      "lost",
      "done twice",
      "unexplained",
      "retried",
      "p50 ms",
      "p99 ms",
    ],
    body: [...accounts].map(([fault, each]) => [
      fault,
      ...[
        each.sent,
        each.ok,
        each.failed,
        each.hung,
        each.lost,
        each.duplicates,
        each.unexplained,
        each.retried,
      ].map(String),
      figure(quantile(each.redispatchMs, 0.5)),
      figure(quantile(each.redispatchMs, 0.99)),
    ]),
  };
}

export function accountRow(fault: Fault, { redispatchMs, ...counts }: Account): Row {
  const at = (q: number): number | null => finite(quantile(redispatchMs, q));
  return {
    fault,
    ...counts,
    redispatch_p50_ms: at(0.5),
    redispatch_p99_ms: at(0.99),
    redispatch_max_ms: at(1),
  };
}

/** How soon calls that were sent again are answered, where there are any. */
export function plots(accounts: Accounts): Plot[] {
  const lines = [...accounts]
    .filter(([, { redispatchMs }]) => redispatchMs.length > 0)
    .map(([fault, { redispatchMs }]) => ({
      label: fault,
      points: PERCENTS.map((percent) => [quantile(redispatchMs, percent / 100), percent] as const),
    }));
  if (lines.length === 0) return [];
  return [
    {
      kind: "lines",
      name: "redispatch",
      title: "Calls that were sent again: how soon they are answered",
      subtitle: `From the fault to the answer, ${HANDLER_MS} ms of work included; further left is better`,
      xAxis: "ms",
      yAxis: "% answered",
      lines,
    },
  ];
}

const PERCENTS = Array.from({ length: 101 }, (_each, percent) => percent);

/** What each fault is judged by. */
export const faultTargets: Readonly<Record<Fault, (account: Account) => Target[]>> = {
  kill: ({ lost, hung, failed, unexplained, redispatchMs }) => [
    target("lost", lost, "<=", 0),
    target("hung", hung, "<=", 0),
    target("failed", failed, "<=", 0),
    target("unexplained_duplicates", unexplained, "<=", 0),
    target("redispatch_p99_ms", quantile(redispatchMs, 0.99), "<=", 500),
  ],
  drain: ({ failed, hung, retried }) => [
    target("drain_failed", failed + hung, "<=", 0),
    target("drain_retried", retried, "<=", 0),
  ],
  server: ({ hung, failed }) => [
    target("server_restart_hung", hung, "<=", 0),
    target("server_restart_failed", failed, "<=", 0),
  ],
};

export function overheadTarget({ pct }: Cost): Target {
  return target("fast_call_overhead_pct", pct.median, "<=", 3);
}

/** JSON knows no NaN. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? rounded(value) : null;
}
