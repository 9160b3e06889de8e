import { MeshError } from "@shoal/mesh/client";
import { connectFrom } from "./connection.ts";
import type { ConnectionFlags } from "./connection-flags.ts";
import { nobody } from "./nobody.ts";
import { print, printJson, table } from "./output.ts";

export async function ping(
  agent: string | undefined,
  { json, ...connection }: ConnectionFlags & { json?: boolean },
): Promise<void> {
  await using mesh = await connectFrom(connection);
  const replies = await mesh.ping(agent);
  if (replies.length === 0) {
    throw agent === undefined
      ? new MeshError("unavailable", "nobody answers. `shoal up` starts some agents.")
      : await nobody(agent, mesh);
  }
  if (json) return printJson(replies);
  print(
    table(replies, [
      { title: "AGENT", value: (reply) => reply.agent },
      { title: "REPLICA", value: ({ replica }) => replica },
      { title: "ROUND TRIP", value: ({ rttMs }) => `${rttMs.toFixed(1)} ms` },
    ]),
  );
}
