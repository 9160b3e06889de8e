import type { Bench } from "../benchmark.ts";
import type { WorkerProcess } from "../process.ts";
import { type Estimate, estimate, median, quantile } from "../stats.ts";
import type { CallerWorkerCommands, Flow, Way } from "./caller-worker.ts";
import type { NodeWorkerCommands } from "./node-worker.ts";
import { FIRST, FLOW, PAUSED, modelOf } from "./timing.ts";

export const STREAMS = 100;

export type Caller = WorkerProcess<CallerWorkerCommands>;

interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}

/** Milliseconds to the first token, and by how much one way takes longer. */
export type First = Readonly<Record<Way | "added", Quantiles>>;

export async function firstTokens({ options, progress }: Bench, caller: Caller): Promise<First> {
  const times = options.quick ? 100 : 2_000;
  progress("time to the first token");
  await caller.ask("firstTokens", FIRST, 100);
  const took = await caller.ask("firstTokens", FIRST, times);
  const of = (way: Way): Quantiles => ({ p50: quantile(took[way], 0.5), p99: quantile(took[way], 0.99) });
  const [direct, shoal] = [of("direct"), of("shoal")];
  return { direct, shoal, added: { p50: shoal.p50 - direct.p50, p99: shoal.p99 - direct.p99 } };
}

/** Many streams at once: medians, and the ratio within rounds. */
export interface Flows extends Readonly<Record<Way, Omit<Flow, "othersShare">>> {
  readonly ratio: Estimate;
  readonly othersShare: number;
}

/** @param pids the processes that take part where Shoal does */
export async function flows(
  { options, progress }: Bench,
  caller: Caller,
  pids: readonly number[],
): Promise<Flows> {
  const rounds = options.rounds ?? (options.quick ? 2 : 9);
  const seconds = options.seconds ?? (options.quick ? 2 : 8);
  const found: Record<Way, Flow[]> = { direct: [], shoal: [] };
  // Unseen, until the engine has compiled what there is to compile.
  for (const way of ["direct", "shoal"] as const) await caller.ask("flow", way, FLOW, STREAMS, seconds, []);
  for (let round = 0; round < rounds; round++) {
    progress(`${STREAMS} streams: round ${round + 1} of ${rounds}`);
    const order: Way[] = round % 2 === 0 ? ["direct", "shoal"] : ["shoal", "direct"];
    for (const way of order)
      found[way].push(await caller.ask("flow", way, FLOW, STREAMS, seconds, way === "direct" ? [] : pids));
  }
  const rate = ({ tokensPerSecond }: Flow): number => tokensPerSecond;
  const of = (way: Way): Omit<Flow, "othersShare"> => ({
    tokensPerSecond: median(found[way].map(rate)),
    cpuUs: median(found[way].map(({ cpuUs }) => cpuUs)),
  });
  const ratios = found.shoal.map((flow, round) => rate(flow) / rate(found.direct[round] as Flow));
  return {
    direct: of("direct"),
    shoal: of("shoal"),
    ratio: estimate(ratios),
    othersShare: median([...found.direct, ...found.shoal].map(({ othersShare }) => othersShare)),
  };
}

/** KB of one open stream: in a program with the AI SDK, on a node with both, and on a node without a model. */
export interface Kept {
  readonly streams: number;
  readonly direct: number;
  readonly node: number;
  readonly shoal: number;
}

export async function memory(
  { options, progress }: Bench,
  node: WorkerProcess<NodeWorkerCommands>,
  start: () => Caller,
): Promise<Kept> {
  const streams = options.quick ? 200 : 1_000;
  const perStream = async (way: Way, agent?: string): Promise<number> => {
    progress(`${streams} open streams: ${agent ?? way}`);
    await using caller = start();
    const watched = way === "direct" ? caller : node;
    // What is compiled and grown once is not the streams'.
    await caller.ask("hold", way, PAUSED, streams, agent);
    await caller.ask("release");
    const before = await watched.ask("keptBytes");
    await caller.ask("hold", way, PAUSED, streams, agent);
    const after = await watched.ask("keptBytes");
    await caller.ask("release");
    return (after - before) / streams / 1_000;
  };
  const direct = await perStream("direct");
  const both = await perStream("shoal", modelOf(PAUSED));
  return { streams, direct, node: both, shoal: await perStream("shoal", "pacer") };
}
