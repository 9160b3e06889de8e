import { type Row, type Table, type Target, figure, rounded, target } from "../report.ts";
import type { Account, Figures, Run } from "./figures.ts";
import { HANDLER_MS, MAILBOX, NODES, OVERLOAD, SLOTS } from "./settings.ts";

export function callersTable({ accounts, from, until }: Run): Table {
  const seconds = (until - from) / 1_000;
  const measured = (events: readonly { at: number }[]): string =>
    figure(events.filter(({ at }) => at >= from && at < until).length / seconds);
  const row = ({ isNoisy, sent, answered, refusals }: Account, index: number): string[] => [
    isNoisy ? "noisy" : `quiet ${index}`,
    figure(sent / seconds),
    measured(answered),
    measured(refusals),
  ];
  return {
    title: `${OVERLOAD} times the capacity of ${NODES} nodes with ${SLOTS} slots, ${MAILBOX} places, ${HANDLER_MS} ms a request`,
    head: ["caller", "sent/s", "answered/s", "refused/s"],
    body: accounts.map(row),
  };
}

export function figuresTable({ capacity }: Run, figures: Figures): Table {
  return {
    title: "What came of it",
    head: ["", "measured"],
    body: [
      ["capacity, requests/s", figure(capacity)],
      ["answered of it, %", figure(figures.goodputPct)],
      ["a full mailbox takes, ms", figure(figures.boundMs)],
      ["p99 of the quiet, ms", figure(figures.quietP99Ms)],
      ["p99 of the noisy, ms", figure(figures.noisyP99Ms)],
      ["refused", figure(figures.refused)],
      ["really needed / told (median)", figure(figures.retryAfterRatio)],
      ["told right within 2x, %", figure(figures.retryAfterRight * 100)],
      ["live memory of a node, MB/min", figure(figures.heapMbPerMinute)],
      ["resident memory of a node, MB/min", figure(figures.rssMbPerMinute)],
      ["back to normal after the backlog, s", figure(figures.recoveryS)],
    ],
  };
}

export function figuresRow({ capacity }: Run, figures: Figures): Row {
  return {
    measure: "overload",
    capacity: rounded(capacity),
    goodput_pct: rounded(figures.goodputPct),
    bound_ms: rounded(figures.boundMs),
    quiet_p99_ms: rounded(figures.quietP99Ms),
    noisy_p99_ms: rounded(figures.noisyP99Ms),
    accepted_p99_vs_bound: rounded(figures.p99VsBound),
    refused: figures.refused,
    retry_after_ratio: rounded(figures.retryAfterRatio),
    retry_after_right: rounded(figures.retryAfterRight),
    heap_mb_per_min: rounded(figures.heapMbPerMinute),
    rss_mb_per_min: rounded(figures.rssMbPerMinute),
    recovery_s: Number.isFinite(figures.recoveryS) ? rounded(figures.recoveryS) : null,
    quiet_share: rounded(figures.quietShare),
    expired_started: figures.expiredStarted,
  };
}

/** @param isLong memory has had time to settle */
export function targetsOf(figures: Figures, isLong: boolean): Target[] {
  return [
    target("goodput_pct", figures.goodputPct, ">=", 90),
    target("accepted_p99_vs_bound", figures.p99VsBound, "<=", 1.1),
    target("retry_after_ratio", figures.retryAfterRatio, ">=", 0.5),
    target("retry_after_ratio", figures.retryAfterRatio, "<=", 2),
    target("retry_after_right", figures.retryAfterRight, ">=", 0.95),
    target("quiet_share", figures.quietShare, ">=", 0.9),
    ...(isLong ? memoryTargets(figures) : []),
    target("recovery_s", figures.recoveryS, "<=", 0.5),
    target("expired_started", figures.expiredStarted, "<=", 0),
  ];
}

function memoryTargets({ heapMbPerMinute, rssMbPerMinute }: Figures): Target[] {
  return [
    target("heap_mb_per_min", heapMbPerMinute, "<=", 1),
    target("rss_mb_per_min", rssMbPerMinute, "<=", 5),
  ];
}
