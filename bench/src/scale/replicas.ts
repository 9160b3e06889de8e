import type { Bench } from "../benchmark.ts";
import { figure, rounded, target, type Row, type Table, type Target } from "../report.ts";
import { measureCrowd, type Crowd, type Size } from "./crowd.ts";
import { growthExponent, type Load } from "./growth.ts";
import type { Found } from "./part.ts";

/** From the first to the second the agents grow, from the third to the second the replicas of each. */
const FEWER_AGENTS: Size = { agents: 250, replicas: 10 };
const FULL: Size = { agents: 1_000, replicas: 10 };
const FEWER_REPLICAS: Size = { agents: 1_000, replicas: 2 };

const KILOBYTE = 1_024;
/** Each replica sending as many messages as there are replicas would be 2. */
const WANTED_EXPONENT = 1.2;

/** Many agents with many replicas on one server: how soon they are ready, what they weigh, what they say when idle. */
export async function measureReplicas(bench: Bench, idleSeconds: number): Promise<Found> {
  const crowds: Crowd[] = [];
  for (const size of [FEWER_AGENTS, FULL, FEWER_REPLICAS]) {
    bench.progress(`${size.agents} agents x ${size.replicas} replicas`);
    crowds.push(await measureCrowd(bench, size, idleSeconds));
  }
  const [fewerAgents, full, fewerReplicas] = crowds as [Crowd, Crowd, Crowd];
  const byAgents = growthExponent(loadOf(fewerAgents), loadOf(full));
  const byReplicas = growthExponent(loadOf(fewerReplicas), loadOf(full));
  return {
    tables: [tableOf(crowds, idleSeconds)],
    rows: [
      ...crowds.map(rowOf),
      { measure: "growth", exponent_by_agents: rounded(byAgents), exponent_by_replicas: rounded(byReplicas) },
    ],
    targets: targetsOf(full, Math.max(byAgents, byReplicas)),
    plots: [],
    notes: [
      "ready: from asking every process to serve until every replica takes requests. Memory: resident, over the same processes and server without agents.",
      `Messages when idle: those that reach nats-server by its own count (in_msgs of /varz) while nobody calls anybody. Their number grows with the power ${figure(byAgents)} of the replicas when there are more agents, and ${figure(byReplicas)} when each has more replicas (0 when there are none).`,
    ],
    othersShare: NaN,
  };
}

function tableOf(crowds: readonly Crowd[], idleSeconds: number): Table {
  return {
    title: `Agents x replicas on one server, one process for each replica of an agent; idle for ${idleSeconds} s`,
    head: [
      "agents x replicas",
      "replicas in all",
      "ready ms",
      "µs a replica",
      "node KB a replica",
      "server KB a replica",
      "subscriptions",
      "idle messages/s",
      "for each replica",
    ],
    body: crowds.map((crowd) => [
      `${figure(crowd.agents)} x ${crowd.replicas}`,
      figure(inAll(crowd)),
      figure(crowd.readyMs),
      figure((crowd.readyMs * 1_000) / inAll(crowd)),
      figure(crowd.nodeBytes / KILOBYTE),
      figure(crowd.serverBytes / KILOBYTE),
      figure(crowd.subscriptions),
      figure(crowd.idlePerSecond),
      figure(crowd.idlePerSecond / inAll(crowd)),
    ]),
  };
}

function rowOf(crowd: Crowd): Row {
  return {
    measure: "replicas",
    agents: crowd.agents,
    replicas: crowd.replicas,
    ready_ms: rounded(crowd.readyMs),
    node_kb: rounded(crowd.nodeBytes / KILOBYTE),
    server_kb: rounded(crowd.serverBytes / KILOBYTE),
    subscriptions: crowd.subscriptions,
    idle_msgs_per_s: rounded(crowd.idlePerSecond),
  };
}

function targetsOf(full: Crowd, exponent: number): Target[] {
  return [
    // One for each replica.
    target("idle_msgs_per_s", full.idlePerSecond, "<=", inAll(full)),
    target("idle_growth_exponent", exponent, "<=", WANTED_EXPONENT),
  ];
}

function loadOf(crowd: Crowd): Load {
  return { replicas: inAll(crowd), messagesPerSecond: crowd.idlePerSecond };
}

function inAll({ agents, replicas }: Size): number {
  return agents * replicas;
}
