import { connectFrom } from "./connection.ts";
import type { ConnectionFlags } from "./connection-flags.ts";
import { paint, print, printJson, table } from "./output.ts";

export async function ls({ json, ...connection }: ConnectionFlags & { json?: boolean }): Promise<void> {
  await using mesh = await connectFrom(connection);
  const agents = await mesh.discover();
  if (json) return printJson(agents);
  if (agents.length === 0) {
    return print(`No agent is on this mesh (root "${mesh.root}"). Start some: ${paint("bold", "shoal up")}`);
  }
  print(
    table(agents, [
      { title: "AGENT", value: ({ name }) => name },
      { title: "VERSION", value: ({ version }) => version },
      { title: "REPLICAS", value: ({ replicas }) => replicas.length },
      {
        title: "SLOTS",
        value: ({ replicas }) => replicas.reduce((sum, { concurrency }) => sum + concurrency, 0),
      },
      { title: "METHODS", value: ({ methods }) => methods.map(({ name }) => name).join(", ") },
      { title: "DESCRIPTION", value: ({ description }) => description },
    ]),
  );
}
