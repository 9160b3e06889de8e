import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "@shoal/mesh/client";
import { type WorkerProcess, startWorker } from "../process.ts";
import { startServer } from "../server.ts";
import { Ledger } from "./ledger.ts";
import { type Call, Load } from "./load.ts";
import type { NodeCommands } from "./node-worker.ts";

export type Fault = "kill" | "drain" | "server";

export interface Run {
  readonly calls: readonly Call[];
  /** When which process was killed. */
  readonly faults: readonly { readonly at: number; readonly pid: number }[];
  readonly begun: ReadonlyMap<string, readonly number[]>;
  readonly finished: ReadonlyMap<string, readonly number[]>;
}

const NODES = 4;
const FAULT_EVERY_MS = 2_000;
/** Clients take up to a second to reconnect. */
const SERVER_FAULT_EVERY_MS = 5_000;
const HANDLER_MS = 200;
const TIMEOUT_MS = 10_000;
const PER_SECOND = 100;
const WORKER = new URL("./node-worker.ts", import.meta.url);

type Node = WorkerProcess<NodeCommands>;

/** A steady load on four nodes, one of which is killed, or drained, every two seconds; or their server is. */
export async function runScenario(fault: Fault, seconds: number): Promise<Run> {
  using ledger = new Ledger();
  let server = await startServer();
  const restart = async (): Promise<void> => {
    await server.kill();
    server = await startServer({ port: Number(new URL(server.url).port) });
  };
  const start = async (): Promise<Node> => {
    const node = startWorker<NodeCommands>(WORKER, { args: [server.url, ledger.file] });
    await node.ask("ready");
    return node;
  };
  const nodes = await Promise.all(Array.from({ length: NODES }, start));
  const quiet = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet };
  const mesh = await connect({ servers: server.url, logger: quiet });
  const faults: { at: number; pid: number }[] = [];
  const stop = new AbortController();
  try {
    const load = new Load(mesh, {
      perSecond: PER_SECOND,
      seconds,
      handlerMs: HANDLER_MS,
      timeoutMs: TIMEOUT_MS,
    });
    const disturbed = disturb({ fault, nodes, start, restart, faults, signal: stop.signal });
    await load.run();
    stop.abort();
    await disturbed;
    await load.settle(5_000);
    return { calls: load.calls, faults, begun: ledger.begun(), finished: ledger.finished() };
  } finally {
    stop.abort();
    await mesh.close();
    await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
    await server[Symbol.asyncDispose]();
  }
}

interface Disturbance {
  readonly fault: Fault;
  readonly nodes: Node[];
  readonly start: () => Promise<Node>;
  readonly restart: () => Promise<void>;
  readonly faults: { at: number; pid: number }[];
  readonly signal: AbortSignal;
}

async function disturb({ fault, nodes, start, restart, faults, signal }: Disturbance): Promise<void> {
  for (let turn = 0; !signal.aborted; turn++) {
    await sleep(fault === "server" ? SERVER_FAULT_EVERY_MS : FAULT_EVERY_MS, undefined, { signal }).catch(
      () => {},
    );
    if (signal.aborted) return;
    if (fault === "server") {
      faults.push({ at: performance.now(), pid: 0 });
      await restart();
      continue;
    }
    const index = turn % nodes.length;
    const victim = nodes[index];
    if (!victim) continue;
    faults.push({ at: performance.now(), pid: victim.pid });
    victim.signal(fault === "kill" ? "SIGKILL" : "SIGTERM");
    nodes[index] = await start();
  }
}
