import type { NodeFigures } from "@shoal/mesh";
import { agentsOf } from "./agent-figures.ts";
import { exposition } from "./exposition.ts";
import { familiesOf } from "./families.ts";
import { type Sample, counter, gauge } from "./family.ts";
import { processFigures } from "./process-figures.ts";
import { supervisorFamilies } from "./supervisor-families.ts";

export { TEXT_TYPE } from "./exposition.ts";

export interface NodeStanding {
  /** Undefined before NATS has answered. */
  readonly figures: NodeFigures | undefined;
  readonly isReady: boolean;
}

/** What a node tells Prometheus: its agents, itself, and its process. */
export function nodePage({ figures, isReady }: NodeStanding): Promise<string> {
  const one = (value: number, labels = {}): Sample[] => [{ labels, value }];
  const own = [
    gauge("shoal_node_ready", "1 while /readyz says so.", one(isReady ? 1 : 0)),
    // HE6: the one series that a name of a node is in.
    gauge(
      "shoal_node_info",
      "Name of the node, as the commands and the log have it.",
      figures ? one(1, { node: figures.node }) : [],
    ),
    counter(
      "shoal_nats_reconnects_total",
      "Times that the connection to NATS was lost and came back.",
      one(figures?.connection.reconnects ?? 0),
    ),
  ];
  const replicas = figures?.replicas ?? [];
  const told = familiesOf({ nodes: figures ? [figures] : [], replicas });
  return exposition([...own, ...told, ...supervisorFamilies(agentsOf(replicas))], processFigures);
}
