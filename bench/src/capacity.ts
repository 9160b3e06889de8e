import type { Bench, Benchmark, Outcome } from "./benchmark.ts";
import { measureInterest, type Interest } from "./capacity/interest.ts";
import { measureTraffic, type Cost } from "./capacity/traffic.ts";
import { figure, rounded, type Row, type Table } from "./report.ts";

const KILOBYTE = 1_024;

/** What a mesh costs that is counted rather than timed: subscriptions, bytes on the wire, memory of servers. */
export const capacity: Benchmark = {
  async run(bench: Bench): Promise<Outcome> {
    const interest = await measureInterest(bench);
    const costs = await measureTraffic(bench);
    return {
      packages: ["@shoal/mesh", "nats"],
      tables: [interestTable(interest), trafficTable(costs)],
      rows: [interestRow(interest), ...costs.map(trafficRow)],
      targets: [],
      othersShare: NaN,
      notes: [
        "The cluster has three servers; replicas are on two of them, and the third is the one of which is told what others' replicas cost.",
        "Bytes are all that passes, protocol and subjects included, at one connection each: to the server (up) and from it (down). What servers say to each other comes on top.",
      ],
    };
  },
};

function interestTable(found: Interest): Table {
  return {
    title: `What nodes and servers keep (${figure(found.replicas)} replicas on two of three servers)`,
    head: ["", "measured"],
    body: [
      ["subscriptions of a client", figure(found.client)],
      ["subscriptions of a replica", figure(found.replica)],
      ["entries at another server, for the first replica of an agent", figure(found.routedFirst)],
      ["entries at another server, for a further one beside it", figure(found.routedFurther)],
      ["KB at another server, for each replica", figure(found.routedBytes / KILOBYTE)],
      ["MB of a node that serves nothing", figure(found.nodeBytes / KILOBYTE / KILOBYTE)],
      ["KB at the server, for each connection", figure(found.connectionBytes / KILOBYTE)],
    ],
  };
}

function trafficTable(costs: readonly Cost[]): Table {
  return {
    title: "Bytes on the wire",
    head: ["", "caller, up", "caller, down", "node, up", "node, down", "in all"],
    body: costs.map(({ name, caller, node }) => [
      name,
      ...[caller.up, caller.down, node.up, node.down, sum({ name, caller, node })].map((bytes) =>
        figure(bytes),
      ),
    ]),
  };
}

function interestRow(found: Interest): Row {
  return {
    measure: "interest",
    replicas: found.replicas,
    client_subscriptions: rounded(found.client),
    replica_subscriptions: rounded(found.replica),
    routed_entries_first: rounded(found.routedFirst),
    routed_entries_further: rounded(found.routedFurther),
    routed_kb: rounded(found.routedBytes / KILOBYTE),
    node_mb: rounded(found.nodeBytes / KILOBYTE / KILOBYTE),
    connection_kb: rounded(found.connectionBytes / KILOBYTE),
  };
}

function trafficRow({ name, caller, node }: Cost): Row {
  return {
    measure: "traffic",
    name,
    bytes: rounded(sum({ name, caller, node })),
    caller_up: rounded(caller.up),
    caller_down: rounded(caller.down),
    node_up: rounded(node.up),
    node_down: rounded(node.down),
  };
}

function sum({ caller, node }: Cost): number {
  return caller.up + caller.down + node.up + node.down;
}
