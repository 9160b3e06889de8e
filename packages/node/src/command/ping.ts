import { MeshError } from "@shoal/mesh/client";
import { type ConnectionFlags, connectFrom } from "./connection.ts";
import { print, printJson, table } from "./output.ts";

export async function ping(
  agent: string | undefined,
  { json, ...connection }: ConnectionFlags & { json?: boolean },
): Promise<void> {
  await using mesh = await connectFrom(connection);
  const replies = await mesh.ping(agent);
  if (replies.length === 0) {
    throw new MeshError(
      "unavailable",
      agent === undefined ? "nobody answers." : `nobody answers for "${agent}".`,
    );
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
