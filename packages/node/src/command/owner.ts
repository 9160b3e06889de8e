import type { MeshClient } from "@shoal/mesh/client";

/** `NODE-3`, where a node's name ends in eight characters of its own. */
const REPLICA = /^(.*[0-9a-z]{8})-\d+$/;

/** The node of a replica; undefined for what names a node, which may have been given a name that looks like a replica's. */
export async function ownerOf(mesh: MeshClient, target: string): Promise<string | undefined> {
  const [, owner] = REPLICA.exec(target) ?? [];
  if (owner === undefined) return undefined;
  const names = await mesh.nodes.names();
  return names.some((name) => name.startsWith(`${target}-`)) ? undefined : owner;
}
