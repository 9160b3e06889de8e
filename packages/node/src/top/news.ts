import type { MetricsReport } from "@shoal/agents";
import type { StuckRequest, TopState } from "./state.ts";

/**
 * What is heard of the mesh, in a state.
 *
 * IN11: a request is stuck until it ends, or its node is gone; figures that do not come are said until they do.
 */

/** More than anybody reads. */
const MOST_STUCK = 1_000;

export function reported(state: TopState, report: MetricsReport): TopState {
  const next = { ...state, report, loss: "" };
  // Of one agent only the nodes that have it are told.
  if (state.view === "agent") return next;
  const nodes = new Set(report.nodes.map(({ node }) => node));
  return { ...next, stuck: state.stuck.filter(({ replica }) => nodes.has(nodeOf(replica))) };
}

/** @param isOver it has ended */
export function heardOfStuck(state: TopState, event: StuckRequest, isOver: boolean): TopState {
  const others = state.stuck.filter(({ request }) => request !== event.request);
  return { ...state, stuck: (isOver ? others : [...others, event]).slice(-MOST_STUCK) };
}

/** A replica is named after its node. */
function nodeOf(replica: string): string {
  return replica.slice(0, replica.lastIndexOf("-"));
}
