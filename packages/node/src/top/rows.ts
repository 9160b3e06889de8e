import type { AgentReport, NodeReport, ReplicaReport } from "@shoal/agents";
import type { Sort, TopState, Window } from "./state.ts";

/** What is known of all rows that say how busy somebody is. */
interface Busy {
  readonly now: AgentReport["now"];
  readonly perSecond: AgentReport["perSecond"];
  readonly running: AgentReport["running"];
}

/** The agents that are shown, in their order. */
export function agentRows({ report, filter, sort, window }: TopState): AgentReport[] {
  const shown = (report?.agents ?? []).filter(({ agent }) => agent.includes(filter));
  return sorted(shown, sort, window, ({ agent }) => agent);
}

/** The replicas of the agent that is looked into; what is gone is not among them. */
export function replicaRows({ report, agent, filter, sort, window }: TopState): ReplicaReport[] {
  const replicas = report?.agents.find((each) => each.agent === agent)?.byReplica ?? [];
  const shown = replicas.filter(({ replica, now }) => now !== null && replica.includes(filter));
  return sorted(shown, sort, window, ({ replica }) => replica);
}

export function nodeRows({ report, filter }: TopState): NodeReport[] {
  return (report?.nodes ?? [])
    .filter(({ node }) => node.includes(filter))
    .toSorted((a, b) => a.node.localeCompare(b.node));
}

/** Names of the rows that can be selected, from top to bottom. */
export function namesIn(state: TopState): string[] {
  if (state.view === "agents") return agentRows(state).map(({ agent }) => agent);
  if (state.view === "nodes") return nodeRows(state).map(({ node }) => node);
  return replicaRows(state).map(({ replica }) => replica);
}

/** The row that the keys are for: the one that was selected while it is there, else the first. */
export function selectedIn(state: TopState): string | undefined {
  const names = namesIn(state);
  return state.selected !== undefined && names.includes(state.selected) ? state.selected : names[0];
}

/** The share of the slots that is taken, from 0 to 1. */
export function loadOf(now: AgentReport["now"]): number {
  return now && now.slots > 0 ? Math.min(1, now.running / now.slots) : 0;
}

/** The most first; of equal ones, and by name, as names go. */
function sorted<T extends Busy>(
  rows: readonly T[],
  sort: Sort,
  window: Window,
  nameOf: (row: T) => string,
): T[] {
  const measure = ({ now, perSecond, running }: T): number => {
    if (sort === "load") return loadOf(now);
    if (sort === "rate") return perSecond.ended[window] ?? 0;
    if (sort === "p99") return running.p99Ms ?? 0;
    if (sort === "waiting") return now?.waiting ?? 0;
    return sort === "oldest" ? (now?.oldestRunningMs ?? 0) : 0;
  };
  return rows.toSorted((a, b) => measure(b) - measure(a) || nameOf(a).localeCompare(nameOf(b)));
}
