import type { Bench } from "../benchmark.ts";
import { CELLS, cellTitle } from "../call/settings.ts";
import { startWorker } from "../process.ts";
import { seededRandom, shuffled } from "../random.ts";
import { estimateFields, figure, interval, rounded } from "../report.ts";
import { estimate, median, type Estimate } from "../stats.ts";
import type { CallerCommands, Measured } from "./caller-worker.ts";
import type { EchoNodeCommands } from "./echo-node-worker.ts";
import type { Found } from "./part.ts";

/** How many node processes serve the echo. */
const SIZES = [1, 2, 4, 8];

/** How long and how often. */
interface Options {
  readonly rounds: number;
  readonly seconds: number;
}

/**
 * An echo served by 1, 2, 4 and 8 processes, one caller, always as many calls in flight. All processes run all the time,
 * each size in a mesh of its own, and the sizes are measured in a new order each round.
 */
export async function measureProcesses(bench: Bench, { rounds, seconds }: Options): Promise<Found> {
  const server = await bench.server();
  await using stack = new AsyncDisposableStack();
  const pools = new Map<number, readonly number[]>();
  for (const size of SIZES) {
    bench.progress(`starting ${size} node processes`);
    pools.set(size, await startNodes(stack, server.url, size));
  }
  const caller = stack.use(
    startWorker<CallerCommands>(new URL("./caller-worker.ts", import.meta.url), { args: [server.url] }),
  );
  const measure = (size: number): Promise<Measured> =>
    caller.ask("measure", {
      root: rootOf(size),
      warmupSeconds: seconds / 2,
      seconds,
      others: [...(pools.get(size) ?? []), server.pid],
    });

  // Once unmeasured, so that the first round does not meet code that was never compiled.
  for (const size of SIZES) await measure(size);
  const random = seededRandom(rounds);
  const measured = new Map<number, Measured[]>(SIZES.map((size) => [size, []]));
  for (let round = 1; round <= rounds; round++) {
    bench.progress(`processes: round ${round} of ${rounds}`);
    for (const size of shuffled(SIZES, random)) measured.get(size)?.push(await measure(size));
  }
  return found(measured);
}

async function startNodes(stack: AsyncDisposableStack, url: string, size: number): Promise<number[]> {
  const nodes = Array.from({ length: size }, () =>
    stack.use(
      startWorker<EchoNodeCommands>(new URL("./echo-node-worker.ts", import.meta.url), {
        args: [url, rootOf(size)],
      }),
    ),
  );
  await Promise.all(nodes.map((node) => node.ask("serve")));
  return nodes.map(({ pid }) => pid);
}

function rootOf(size: number): string {
  return `mesh${size}`;
}

function found(measured: ReadonlyMap<number, readonly Measured[]>): Found {
  const one = measured.get(1) ?? [];
  const lines = [...measured].map(([processes, rounds]) => {
    const middle = (of: (each: Measured) => number): number => median(rounds.map(of));
    const toOne = (of: (each: Measured) => number): Estimate =>
      estimate(rounds.map((each, round) => of(each) / of(one[round] as Measured)));
    return {
      processes,
      rounds: rounds.length,
      rate: middle(({ rate }) => rate),
      p50: middle(({ p50Us }) => p50Us),
      p99: middle(({ p99Us }) => p99Us),
      cpu: middle(({ cpuUs }) => cpuUs),
      rateToOne: toOne(({ rate }) => rate),
      cpuToOne: toOne(({ cpuUs }) => cpuUs),
    };
  });
  return {
    tables: [
      {
        title: `Echo of ${cellTitle(CELLS.busy)} from one caller, by the number of node processes (medians; × is beside one process, in the same round)`,
        head: ["processes", "rate/s", "p50 µs", "p99 µs", "CPU µs", "rate ×", "95 %", "CPU ×"],
        body: lines.map(({ processes, rate, p50, p99, cpu, rateToOne, cpuToOne }) => [
          String(processes),
          figure(rate),
          figure(p50),
          figure(p99),
          figure(cpu),
          figure(rateToOne.median),
          interval(rateToOne),
          figure(cpuToOne.median),
        ]),
      },
    ],
    rows: lines.map(({ processes, rounds, rate, p50, p99, cpu, rateToOne, cpuToOne }) => ({
      measure: "processes",
      processes,
      rounds,
      rate: rounded(rate),
      p50_us: rounded(p50),
      p99_us: rounded(p99),
      cpu_us: rounded(cpu),
      ...estimateFields("throughput_vs_one", rateToOne),
      cpu_vs_one: rounded(cpuToOne.median),
    })),
    targets: [],
    plots: [
      {
        kind: "lines",
        name: "processes",
        title: "Echo by the number of node processes",
        subtitle: `${cellTitle(CELLS.busy)}, one caller process; on few cores more processes share the same cores`,
        xAxis: "node processes",
        yAxis: "calls a second",
        lines: [
          { label: "Shoal", role: "ours", points: lines.map(({ processes, rate }) => [processes, rate]) },
        ],
      },
    ],
    notes: [
      "The caller, the server and all node processes share the cores of this machine: throughput can grow no further than they allow.",
    ],
    othersShare: median([...measured.values()].flat().map(({ othersShare }) => othersShare)),
  };
}
