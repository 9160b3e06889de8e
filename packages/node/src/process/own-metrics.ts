import { type Hosting, type Logger, type Mesh, MeshError } from "@shoal/mesh";
import type { Loaded } from "../config/load.ts";

/** Set for the one process of `shoal up` that has the metrics agent. */
export const METRICS_VARIABLE = "SHOAL_HAS_METRICS";

const NAME = "metrics";

/** Whether the mesh that is started has no metrics agent of its own, and is to have one. */
export function needsMetrics({ config, hosted }: Loaded): boolean {
  const isNamed = hosted.some(({ agent }) => agent.contract.name === NAME);
  const isUsed = (config.agents ?? []).some((entry) => "use" in entry && entry.use === NAME);
  return config.metrics !== false && !isNamed && !isUsed;
}

/** Serves the metrics agent, where NATS lets this user: nothing else depends on it. */
export async function serveMetrics(mesh: Mesh, log: Logger): Promise<Hosting[]> {
  const { defineMetrics } = await import("@shoal/agents");
  try {
    return [await mesh.serve(defineMetrics(NAME))];
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    log.warn({ reason: error.message }, "this mesh has no metrics agent");
    return [];
  }
}
