import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectNats, type NatsConnection } from "nats";
import { connect } from "@shoal/mesh/client";
import type { Bench } from "../benchmark.ts";
import type { ManyAgentsCommands } from "../call/many-agents-worker.ts";
import { startCluster } from "../cluster.ts";
import { residentBytes } from "../memory.ts";
import { startWorker } from "../process.ts";
import type { NatsServer } from "../server.ts";
import { freePort, readCounts, readRouted } from "../scale/server-monitor.ts";

/** What servers keep for those that listen. */
export interface Interest {
  readonly replicas: number;
  /** Subscriptions of a client that has called once, and of each replica. */
  readonly client: number;
  readonly replica: number;
  /** Entries at a server that has no replicas, for each of another server: the first of its agent there, and a further one. */
  readonly routedFirst: number;
  readonly routedFurther: number;
  /** Resident bytes there, for each replica. */
  readonly routedBytes: number;
  /** Resident bytes of a node that serves nothing. */
  readonly nodeBytes: number;
  /** Resident bytes of the server for a connection that does nothing. */
  readonly connectionBytes: number;
}

const WORKER = new URL("../call/many-agents-worker.ts", import.meta.url);
const SETTLE_MS = 3_000;

/** Two nodes on each of two servers of a cluster, each with a replica of every agent; the third server has nobody. */
export async function measureInterest(bench: Bench): Promise<Interest> {
  const agents = bench.options.quick ? 200 : 2_000;
  const connections = bench.options.quick ? 100 : 1_000;
  await using stack = new AsyncDisposableStack();
  const ports = [await freePort(), await freePort(), await freePort()];
  const cluster = stack.use(await startCluster(3, (index) => ["-m", String(ports[index])]));
  const [first, second, third] = cluster.servers as [NatsServer, NatsServer, NatsServer];
  const subscriptionsAtFirst = async (): Promise<number> => (await readCounts(ports[0] ?? 0)).subscriptions;
  const entriesAtThird = (): Promise<number> => readRouted(ports[2] ?? 0);

  const empty = await subscriptionsAtFirst();
  const client = await connect({ servers: first.url });
  await client.call("nobody", "").catch(() => {});
  const ofClient = (await subscriptionsAtFirst()) - empty;
  await client.close();

  const nodes: number[] = [];
  const serveFrom = async (servers: readonly NatsServer[]): Promise<void> => {
    const workers = servers.map(({ url }) =>
      stack.use(startWorker<ManyAgentsCommands>(WORKER, { args: [url], nodeFlags: ["--expose-gc"] })),
    );
    nodes.push(...(await Promise.all(workers.map((worker) => worker.ask("rss")))));
    await Promise.all(workers.map((worker) => worker.ask("serve", agents)));
    await sleep(SETTLE_MS);
  };
  const bytes = residentBytes(third.pid);
  const none = await entriesAtThird();
  bench.progress(`interest: ${agents} agents, a replica of each on two servers of three`);
  await serveFrom([first]);
  const own = (await subscriptionsAtFirst()) - empty;
  await serveFrom([second]);
  const one = await entriesAtThird();
  bench.progress("interest: a second replica of each on the same servers");
  await serveFrom([first, second]);
  const found = {
    replicas: 4 * agents,
    client: ofClient,
    replica: own / agents,
    nodeBytes: Math.min(...nodes),
    routedFirst: (one - none) / (2 * agents),
    routedFurther: ((await entriesAtThird()) - one) / (2 * agents),
    routedBytes: (residentBytes(third.pid) - bytes) / (4 * agents),
  };
  bench.progress(`interest: ${connections} connections`);
  return { ...found, connectionBytes: await measureConnections(bench, connections) };
}

/** By a server of its own: nothing else changes its memory meanwhile. */
async function measureConnections(bench: Bench, count: number): Promise<number> {
  const { url, pid } = await bench.server();
  const open: NatsConnection[] = [await connectNats({ servers: url })];
  await sleep(SETTLE_MS);
  const before = residentBytes(pid);
  while (open.length <= count) open.push(await connectNats({ servers: url }));
  await sleep(SETTLE_MS);
  const bytes = (residentBytes(pid) - before) / count;
  await Promise.all(open.map((connection) => connection.close()));
  return bytes;
}
