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
    "failover",
    {
      summary: "nodes killed and drained, the NATS server killed, under a steady load; what the watch costs",
      load: async () => (await import("./failover.ts")).failover,
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
]);

/** What `--help` prints. */
export function help(): string {
  const names = [...catalogue].map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`);
  return `Usage: npm run bench -- NAME [options]

Benchmarks:
${names.join("\n")}

Options:
  --json        end with one JSON line {bench, machine, versions, rows, targets}
  --quick       few short rounds, to see that it runs
  --check       exit with 1 if a target is missed
  --rounds N    rounds (the interval narrows with their number)
  --seconds S   how long one measurement lasts
  --only A,B    only these contenders, where a benchmark has several
  --kill, --drain, --server, --overhead
                only these parts of failover
  -h, --help    this text

Examples:
  npm run bench -- call
  npm run bench -- call --quick --json | tail -1
  npm run bench -- failover
  npm run bench -- failover --drain --seconds 20
  npm run bench -- overload --quick
  npm run bench -- call --only nc-request,shoal --rounds 15
`;
}
