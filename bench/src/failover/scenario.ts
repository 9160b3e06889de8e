import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "@shoal/mesh/client";
import type { Fault } from "./part.ts";
import { type WorkerProcess, startWorker } from "../process.ts";
import { type NatsServer, startServer } from "../server.ts";
import type { Outage, Run } from "./account.ts";
import { whenConnected } from "./connected.ts";
import { Ledger } from "./ledger.ts";
import { Load } from "./load.ts";
import { machineNow } from "./machine-clock.ts";
import type { NodeCommands } from "./node-worker.ts";
import { quietLogger } from "./quiet-logger.ts";

export const NODES = 4;
const CALLERS = 4;
export const PER_SECOND = 100;
export const HANDLER_MS = 200;
const TIMEOUT_MS = 10_000;
const HUNG_AFTER_MS = 5_000;
const EVERY_MS: Readonly<Record<Fault, number>> = {
  kill: 2_000,
  drain: 2_000,
  // Clients take up to a second to reconnect.
  server: 5_000,
};
const WORKER = new URL("./node-worker.ts", import.meta.url);

type Node = WorkerProcess<NodeCommands>;

/** A steady load on some nodes, one of which is killed, or drained, every two seconds; or their server is. */
export async function runScenario(fault: Fault, seconds: number): Promise<Run> {
  using ledger = new Ledger();
  await using stack = new AsyncDisposableStack();
  let server = await startServer();
  stack.defer(() => server[Symbol.asyncDispose]());
  const start = async (): Promise<Node> => {
    const node = stack.use(startWorker<NodeCommands>(WORKER, { args: [server.url, ledger.file] }));
    await node.ask("connected");
    return node;
  };
  const nodes = await Promise.all(Array.from({ length: NODES }, start));
  const callers = await Promise.all(
    // By names of their own, or they would share a connection.
    Array.from({ length: CALLERS }, (_each, n) =>
      connect({ servers: server.url, name: `caller-${n}`, logger: quietLogger }),
    ),
  );
  for (const caller of callers) stack.use(caller);

  const outages: Outage[] = [];
  const cause: Record<Fault, (turn: number) => Promise<void>> = {
    async kill(turn) {
      const victim = nodes[turn % NODES] as Node;
      const from = machineNow();
      victim.signal("SIGKILL");
      await victim.exit;
      outages.push({ from, until: machineNow(), pid: victim.pid });
      nodes[turn % NODES] = await start();
    },
    async drain(turn) {
      const leaving = nodes[turn % NODES] as Node;
      leaving.signal("SIGTERM");
      await leaving.exit;
      nodes[turn % NODES] = await start();
    },
    async server() {
      const from = machineNow();
      server = await restarted(server);
      await Promise.all([
        ...nodes.map((node) => node.ask("connected")),
        ...callers.map((caller) => whenConnected(caller)),
      ]);
      outages.push({ from, until: machineNow(), pid: undefined });
    },
  };

  const load = new Load(callers, {
    perSecond: PER_SECOND,
    seconds,
    handlerMs: HANDLER_MS,
    timeoutMs: TIMEOUT_MS,
  });
  const over = new AbortController();
  await Promise.all([
    load.run().finally(() => over.abort()),
    everySoOften(EVERY_MS[fault], over.signal, cause[fault]),
  ]);
  await load.settle(HUNG_AFTER_MS);
  return { calls: load.calls, outages, finished: ledger.read() };
}

async function restarted(server: NatsServer): Promise<NatsServer> {
  const port = Number(new URL(server.url).port);
  await server.kill();
  return startServer({ port });
}

/** One turn after another, each begun on the beat, or late when the one before took longer. */
async function everySoOften(
  everyMs: number,
  signal: AbortSignal,
  act: (turn: number) => Promise<void>,
): Promise<void> {
  const from = machineNow();
  for (let turn = 0; !signal.aborted; turn++) {
    const dueInMs = from + (turn + 1) * everyMs - machineNow();
    await sleep(Math.max(0, dueInMs), undefined, { signal }).catch(() => {});
    if (!signal.aborted) await act(turn);
  }
}
