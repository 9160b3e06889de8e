import { type MeshClient, MeshError, nearest } from "@shoal/mesh/client";

/** Says who is there that may have been meant. */
export async function nobody(name: string, mesh: MeshClient): Promise<MeshError> {
  const agents = await mesh.discover();
  const alike = nearest(
    name,
    agents.map((each) => each.name),
  );
  const hint =
    alike.length > 0 ? ` Did you mean "${alike.join('" or "')}"?` : " `shoal ls` shows who is there.";
  return new MeshError("unavailable", `no agent "${name}" is on this mesh.${hint}`, { agent: name });
}
