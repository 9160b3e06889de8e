import { type ReplicaFigures, sumOf } from "@shoal/mesh";

/** One agent, on all nodes together. */
export interface AgentFigures {
  readonly agent: string;
  /** Those that have gone included. */
  readonly replicas: readonly ReplicaFigures[];
  /** What they have done together. */
  readonly total: ReplicaFigures;
}

export function agentsOf(all: readonly ReplicaFigures[]): AgentFigures[] {
  return [...Map.groupBy(all, ({ agent }) => agent)].map(([agent, replicas]) => ({
    agent,
    replicas,
    total: sumOf(replicas, { agent, replica: "" }),
  }));
}
