import type { MeshClient } from "@shoal/mesh/client";

/** Resolves when the connection is there. */
export async function whenConnected(mesh: MeshClient): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = mesh.onStatus(({ type }) => type === "connected" && resolve());
  if (mesh.status !== "connected") await promise;
  stop();
}
