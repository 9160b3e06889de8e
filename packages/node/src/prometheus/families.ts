import type { NodeFigures, ReplicaFigures } from "@shoal/mesh";
import { agentFamilies } from "./agent-families.ts";
import { agentsOf } from "./agent-figures.ts";
import type { Family } from "./family.ts";
import { nodeFamilies } from "./node-families.ts";
import { requestFamilies } from "./request-families.ts";
import { breakerFamily } from "./supervisor-families.ts";

export interface ToldFigures {
  /** Those that live. */
  readonly nodes: readonly NodeFigures[];
  /** Theirs, and what those of others have done. */
  readonly replicas: readonly ReplicaFigures[];
}

/**
 * The figures of one node, or of many together, as Prometheus has them.
 *
 * HE6: labels are bounded: agents, methods, targets and outcomes, and nothing that is random or grows, such as nodes,
 *      replicas, callers and requests.
 * HE7: every request is in them once, by how it ended.
 */
export function familiesOf({ nodes, replicas }: ToldFigures): Family[] {
  const agents = agentsOf(replicas);
  return [
    ...requestFamilies(agents),
    ...agentFamilies(agents),
    breakerFamily(agents),
    ...nodeFamilies(nodes),
  ];
}
