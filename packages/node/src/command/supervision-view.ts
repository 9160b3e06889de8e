import { paint, table } from "./output.ts";
import { policyText } from "./policy-text.ts";
import type { SupervisedTarget, Supervision } from "./supervision.ts";

/** A supervisor's policy, and the tree of those that it asks. */
export function supervisionView({ policy, targets, ...counts }: Supervision): string {
  const { requests, degraded, failed, cached } = counts;
  return [
    paint("bold", "supervises"),
    ...policyText(policy).map((line) => `  ${line}`),
    `  requests ${requests}, degraded ${degraded}, failed ${failed}, cached answers ${cached}`,
    "",
    targetTable(targets),
  ].join("\n");
}

interface Row extends SupervisedTarget {
  /** Its place in the tree. */
  branch: string;
}

function targetTable(targets: readonly SupervisedTarget[]): string {
  return table(rowsOf(targets), [
    { title: "TARGET", value: ({ branch, agent }) => `${branch}${agent}` },
    { title: "REPLICAS", value: ({ replicas }) => replicas },
    { title: "BREAKER", value: ({ breaker }) => breakerText(breaker) },
    { title: "ATTEMPTS", value: ({ attempts }) => attempts },
    { title: "FAILURES", value: ({ failures }) => failures },
    { title: "RETRIES", value: ({ retries }) => retries },
    { title: "HEDGES", value: ({ hedges }) => hedges },
    { title: "P95", value: ({ p95Ms }) => (p95Ms === null ? "-" : `${p95Ms.toFixed(1)} ms`) },
    { title: "BUDGET", value: ({ budget }) => budget },
    { title: "REFUSED", value: ({ overBudget }) => overBudget },
    { title: "LAST ERROR", value: ({ lastErrors }) => lastErrors.join(", ") },
  ]);
}

/** A target, and below it those that it asks itself. */
function rowsOf(targets: readonly SupervisedTarget[], trunk?: string): Row[] {
  return targets.flatMap((target, index) => {
    const isLast = index === targets.length - 1;
    const branch = trunk === undefined ? "" : `${trunk}${isLast ? "└─ " : "├─ "}`;
    const below = trunk === undefined ? "" : `${trunk}${isLast ? "   " : "│  "}`;
    return [{ ...target, branch }, ...rowsOf(target.supervision?.targets ?? [], below)];
  });
}

/** One state, or how many replicas see which. */
function breakerText(breaker: Readonly<Record<string, number>>): string {
  const states = Object.entries(breaker);
  if (states.length < 2) return states[0]?.[0] ?? "-";
  return states.map(([state, count]) => `${count} ${state}`).join(", ");
}
