import type { NodeFigures } from "@shoal/mesh";
import { type Family, type Sample, gauge } from "./family.ts";

/** How nodes themselves are. Their names are random: of several there is a number, and the worst. */
export function nodeFamilies(nodes: readonly NodeFigures[]): Family[] {
  const lags = nodes.flatMap(({ process }) => (process.loopLag ? [process.loopLag] : []));
  const one = (value: number): Sample[] => [{ labels: {}, value }];
  const worst = (ms: readonly number[]): Sample[] => (ms.length > 0 ? one(Math.max(...ms) / 1_000) : []);
  return [
    gauge(
      "shoal_nodes",
      "Nodes that are connected to NATS.",
      one(nodes.filter(({ connection }) => connection.isConnected).length),
    ),
    gauge(
      "shoal_event_loop_lag_p99_seconds",
      "How late the event loop was in the last second: 99 of 100 timers were not later.",
      worst(lags.map(({ p99Ms }) => p99Ms)),
    ),
    gauge(
      "shoal_event_loop_lag_max_seconds",
      "The same of the latest timer.",
      worst(lags.map(({ maxMs }) => maxMs)),
    ),
  ];
}
