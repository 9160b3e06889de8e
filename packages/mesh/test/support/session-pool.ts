import type { Mesh } from "../../src/index.ts";
import { InProcessMesh } from "../../src/testing/in-process-mesh.ts";
import type { Ran } from "./chaos-agents.ts";
import { ledger, sessionAgents } from "./session-agents.ts";

/** A pool of so many members, each with one replica of the ledger. */
export async function poolOf(size: number) {
  const world = new InProcessMesh();
  const runs: Ran[] = [];
  const [agent] = sessionAgents({
    ran: (run) => runs.push(run),
    wait: (ms) => new Promise((resolve) => world.clock.after(ms, resolve)),
  });
  if (!agent) throw new Error("no agent");
  const hosts: Mesh[] = [];
  const ids: string[] = [];
  for (let n = 0; n < size; n++) {
    const host = await world.member();
    ids.push((await host.serve(agent)).id);
    hosts.push(host);
  }
  const app = await world.member();
  const { add, note, read, tell, end } = app.agent(ledger);
  return { world, runs, hosts, ids, app, agent, add, note, read, tell, end };
}

/** A call that only one replica takes. @param others ids of all others */
export function elsewhere(others: readonly string[], options: object = {}): object {
  return { ...options, avoid: others };
}
