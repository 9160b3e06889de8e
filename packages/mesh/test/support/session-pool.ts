import { vi } from "vitest";
import { Sessions } from "../../src/actor/sessions.ts";
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

/** Counts what all replicas keep of sessions from now on: those that are here, or rest, or are had now or soon. */
export function keptSessions(): () => number {
  const all = new Set<Sessions>();
  const { ask } = Sessions.prototype;
  vi.spyOn(Sessions.prototype, "ask").mockImplementation(function (this: Sessions, job) {
    all.add(this);
    return ask.call(this, job);
  });
  const sizeOf = (of: object, field: string): number => (Reflect.get(of, field) as { size: number }).size;
  return () =>
    [...all].reduce(
      (sum, { size, keeper }) => sum + Math.max(size, sizeOf(keeper, "held")) + sizeOf(keeper, "coming"),
      0,
    );
}
