import type { Census } from "@shoal/agents";
import { exposition } from "./exposition.ts";
import { familiesOf } from "./families.ts";

export { TEXT_TYPE } from "./exposition.ts";

/** What a whole mesh tells Prometheus: all its nodes, and those that have gone. */
export function meshPage(census: Census): Promise<string> {
  return exposition(
    familiesOf({
      nodes: census.nodes.map(({ figures }) => figures),
      replicas: census.counted.map(({ figures }) => figures),
    }),
  );
}
