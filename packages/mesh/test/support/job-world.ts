import { chaosAgents, job } from "./chaos-agents.ts";
import { InProcessMesh } from "../../src/testing/in-process-mesh.ts";

/** A replica whose handlers take time, on the mesh's own clock. */
export async function jobWorld() {
  const mesh = new InProcessMesh();
  const host = await mesh.join();
  const wait = (ms: number): Promise<void> => new Promise((resolve) => mesh.clock.after(ms, resolve));
  const [agent] = chaosAgents({ ran: () => {}, wait });
  if (agent) await host.mesh.serve(agent);
  const client = await mesh.join();
  return { mesh, host, client, agent: client.mesh.agent(job) };
}
