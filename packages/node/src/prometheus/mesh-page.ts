import type { Census } from "@shoal/agents";
import { exposition } from "./exposition.ts";
import { familiesOf } from "./families.ts";

export { TEXT_TYPE } from "./exposition.ts";

/** Of a mesh's books what is told of it. */
type Books = Pick<Census, "settled" | "nodes" | "counted">;

/**
 * What a whole mesh tells Prometheus: all its nodes, and those that have gone. Not before they have told what they have done:
 * what a sum of some of them lacks would look as if it were done in the moment in which the others are heard.
 */
export async function meshPage(census: Books): Promise<string> {
  await census.settled;
  return await exposition(
    familiesOf({
      nodes: census.nodes.map(({ figures }) => figures),
      replicas: census.counted.map(({ figures }) => figures),
    }),
  );
}
