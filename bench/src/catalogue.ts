import type { Benchmark } from "./benchmark.ts";

interface Entry {
  readonly summary: string;
  /** Loaded when asked for, so that one benchmark never pays for another's imports. */
  readonly load: () => Promise<Benchmark>;
}

/** Every benchmark, by the name that the command line takes. */
export const catalogue: ReadonlyMap<string, Entry> = new Map([
  [
    "call",
    {
      summary: "request and reply beside raw NATS, Moleculer and NestJS; 1,000 agents; a cold command",
      load: async () => (await import("./call.ts")).call,
    },
  ],
  [
    "stream",
    {
      summary: "streams of small chunks beside raw publishing to an inbox",
      load: async () => (await import("./stream.ts")).stream,
    },
  ],
  [
    "scale",
    {
      summary: "1 to 8 processes; 1,000 agents x 10 replicas: readiness, memory, messages when idle",
      load: async () => (await import("./scale.ts")).scale,
    },
  ],
  [
    "capacity",
    {
      summary: "what is counted: subscriptions, bytes on the wire, memory of servers and of connections",
      load: async () => (await import("./capacity.ts")).capacity,
    },
  ],
  [
    "adaptive",
    {
      summary: "batches against a backend whose knee moves: policies beside the best fixed limit",
      load: async () => (await import("./adaptive.ts")).adaptive,
    },
  ],
  [
    "failover",
    {
      summary: "nodes killed and drained, the NATS server killed, under a steady load; what the watch costs",
      load: async () => (await import("./failover.ts")).failover,
    },
  ],
  [
    "pool",
    {
      summary: "a pool beside one ideal queue, raw queue groups, Moleculer and JetStream; what lanes cost",
      load: async () => (await import("./pool.ts")).pool,
    },
  ],
  [
    "overload",
    {
      summary:
        "three times what the nodes can do, most of it by one caller: goodput, latency, fairness, recovery",
      load: async () => (await import("./overload.ts")).overload,
    },
  ],
  [
    "tasks",
    {
      summary: "durable tasks while workers and NATS are killed; their rate beside bare JetStream",
      load: async () => (await import("./tasks.ts")).tasks,
    },
  ],
  [
    "sessions",
    {
      summary: "what sessions that rest take, and what a session costs a request",
      load: async () => (await import("./sessions.ts")).sessions,
    },
  ],
  [
    "metrics",
    {
      summary: "what it costs that nodes tell their figures, and how much they tell",
      load: async () => (await import("./metrics.ts")).metrics,
    },
  ],
  [
    "llm",
    {
      summary: "a model's answers by way of an agent, beside calling the AI SDK directly",
      load: async () => (await import("./llm.ts")).llm,
    },
  ],
]);

/** What `--help` prints. */
export function help(): string {
  const names = [...catalogue].map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`);
  return `Usage: npm run bench                     all benchmarks, one after another, into bench/RESULTS.md
       npm run bench -- NAME [options]
       npm run bench -- page               bench/RESULTS.md anew, of what was kept
       npm run bench -- compare BASE [HEAD] [options] [-- NAME options]

Benchmarks:
${names.join("\n")}

Options:
  --json        end with one JSON line {bench, machine, versions, rows, targets}
  --quick       few short rounds, to see that it runs
  --check       exit with 1 if a target is missed
  --write       keep the outcome in bench/results, and its part of bench/RESULTS.md;
                all benchmarks together do so unless they are --quick
  --rounds N    rounds (the interval narrows with their number)
  --seconds S   how long one measurement lasts
  --only A,B    only these contenders and parts, where a benchmark has several
  --kill, --drain, --server, --overhead
                only these parts of failover
  --equal, --exponential, --mixed, --cluster, --cost
                only these parts of pool
  -h, --help    this text

compare measures two commits in turn, base, head, head, base, and tells what has changed.
HEAD is the working tree unless given. Both run the working tree's benchmarks; by default
call with Shoal and nc.request alone.
  --passes N    how often (default 4: eight pairs)
  --tolerance P percent that are no change, whatever their interval (default 3)
  --only A,B    the benchmark's --only
  --check       exit with 1 on a regression
  --json        end with one JSON line {bench, base, head, figures}

Examples:
  npm run bench
  npm run bench -- call
  npm run bench -- call --quick --json | tail -1
  npm run bench -- failover
  npm run bench -- adaptive --quick
  npm run bench -- overload --quick
  npm run bench -- call --only nc-request,shoal --rounds 15
  npm run bench -- call --only validation
  npm run bench -- stream --write
  npm run bench -- scale --only processes
  npm run bench -- failover --drain --seconds 20
  npm run bench -- pool --equal --only shoal,queue-group
  npm run bench -- compare HEAD~1
  npm run bench -- compare main my-branch --check
  npm run bench -- compare main -- stream --quick
`;
}
