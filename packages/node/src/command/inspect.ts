import { type MeshClient, MeshError, type NodeAnswer } from "@shoal/mesh/client";
import { connectFrom } from "./connection.ts";
import type { ConnectionFlags } from "./connection-flags.ts";
import { inspectedOf } from "./inspected.ts";
import { agentView, nodeView } from "./inspect-view.ts";
import { print, printJson } from "./output.ts";
import { ownerOf } from "./owner.ts";

export interface InspectFlags extends ConnectionFlags {
  limit?: number;
  subscriptions?: boolean;
  json?: boolean;
}

/** Shows what an agent, a node or a replica does right now. */
export async function inspect(
  target: string,
  { limit = 10, subscriptions = false, json = false, ...connection }: InspectFlags,
): Promise<void> {
  await using mesh = await connectFrom(connection);
  const { kind, answers } = await find(mesh, target, limit);
  if (json) return printJson(kind === "agent" ? answers : answers[0]);
  const nodes = answers.map(inspectedOf);
  print(
    kind === "agent"
      ? agentView(target, nodes)
      : nodes.map((each) => nodeView(each, subscriptions)).join("\n\n"),
  );
}

interface Found {
  kind: "agent" | "node";
  answers: NodeAnswer[];
}

/** An agent's name comes before what a node's name begins with: a node is always found by its whole name. */
async function find(mesh: MeshClient, target: string, limit: number): Promise<Found> {
  const { nodes } = mesh;
  const ask = { op: "inspect", limit };
  const agents = await nodes.askAll({ ...ask, agent: target });
  if (agents.length > 0) return { kind: "agent", answers: agents };
  const owner = await ownerOf(mesh, target);
  if (owner !== undefined)
    return { kind: "node", answers: [await nodes.ask(owner, { ...ask, replica: target })] };
  try {
    return { kind: "node", answers: [await nodes.ask(target, ask)] };
  } catch (error) {
    if (!(error instanceof MeshError) || error.code !== "unavailable") throw error;
    const hint = "`shoal ls` shows the agents, `shoal doctor` the nodes";
    throw new MeshError("unavailable", `no agent and no node "${target}" is on this mesh: ${hint}.`);
  }
}
