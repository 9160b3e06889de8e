import { setTimeout as sleep } from "node:timers/promises";
import type { Bench } from "../benchmark.ts";
import type { ManyAgentsCommands } from "../call/many-agents-worker.ts";
import { residentBytes } from "../memory.ts";
import { startWorker } from "../process.ts";
import { freePort, readCounts } from "./server-monitor.ts";

/** So many agents, each served by so many node processes. */
export interface Size {
  readonly agents: number;
  /** Of each agent; also the number of node processes. */
  readonly replicas: number;
}

/** What one size needs. */
export interface Crowd extends Size {
  /** From asking all processes to serve until all replicas take requests, milliseconds. */
  readonly readyMs: number;
  /** Resident memory over a process, or a server, with the same connections and no agents, bytes per replica. */
  readonly nodeBytes: number;
  readonly serverBytes: number;
  readonly subscriptions: number;
  /** Messages that reach the server when nobody calls anybody, in a second. */
  readonly idlePerSecond: number;
}

/** What is left of the start has ended by then. */
const SETTLE_MS = 3_000;

/** Serves all agents in all processes on a server of their own, then leaves them alone for `idleSeconds`. */
export async function measureCrowd(
  bench: Bench,
  { agents, replicas }: Size,
  idleSeconds: number,
): Promise<Crowd> {
  const port = await freePort();
  const server = await bench.server({ args: ["-m", String(port)] });
  await using stack = new AsyncDisposableStack();
  const nodes = Array.from({ length: replicas }, () =>
    stack.use(
      startWorker<ManyAgentsCommands>(new URL("../call/many-agents-worker.ts", import.meta.url), {
        args: [server.url],
        nodeFlags: ["--expose-gc"],
      }),
    ),
  );
  const nodesResident = async (): Promise<number> => {
    const each = await Promise.all(nodes.map((node) => node.ask("rss")));
    return each.reduce((sum, bytes) => sum + bytes, 0);
  };
  const emptyNodes = await nodesResident();
  const empty = { server: residentBytes(server.pid), counts: await readCounts(port) };

  const began = performance.now();
  await Promise.all(nodes.map((node) => node.ask("serve", agents)));
  const readyMs = performance.now() - began;

  const all = agents * replicas;
  const nodeBytes = ((await nodesResident()) - emptyNodes) / all;
  await sleep(SETTLE_MS);
  const before = await readCounts(port);
  const idleFrom = performance.now();
  await sleep(idleSeconds * 1_000);
  const after = await readCounts(port);
  const idleFor = (performance.now() - idleFrom) / 1_000;
  return {
    agents,
    replicas,
    readyMs,
    nodeBytes,
    serverBytes: (residentBytes(server.pid) - empty.server) / all,
    subscriptions: after.subscriptions - empty.counts.subscriptions,
    idlePerSecond: (after.messagesIn - before.messagesIn) / idleFor,
  };
}
