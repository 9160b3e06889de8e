import type { Agent } from "@shoal/mesh";
import { isAgentLike } from "../../config/agent-like.ts";
import type { Boot } from "../protocol.ts";

/** @throws Error when the module cannot be loaded, or has no such agent */
export async function loadAgent({ module, export: exported, name }: Boot): Promise<Agent> {
  const all = (await import(module)) as Record<string, unknown>;
  const agents = Object.values(all).filter(isAgentLike);
  const found =
    exported === undefined ? agents.find(({ contract }) => contract.name === name) : all[exported];
  if (isAgentLike(found)) return found as Agent;
  throw new Error(
    `${module} exports no agent ${exported === undefined ? `called "${name}"` : `as "${exported}"`}`,
  );
}
