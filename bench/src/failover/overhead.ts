import type { Bench } from "../benchmark.ts";
import type { Measured } from "../call/measure.ts";
import { startContender } from "../call/race.ts";
import { CELLS } from "../call/settings.ts";
import { startWorker, type WorkerProcess } from "../process.ts";
import { estimate, median, type Estimate } from "../stats.ts";
import type { OverheadCommands } from "./overhead-worker.ts";

/** What failover costs calls that never need it. */
export interface Overhead {
  readonly rounds: number;
  /** Median calls a second. */
  readonly rateOn: number;
  readonly rateOff: number;
  /** Time that a call takes more, in percent. */
  readonly pct: Estimate;
  /** Processor time that the caller takes more, in percent. */
  readonly cpuPct: Estimate;
  readonly othersShare: number;
}

interface Options {
  readonly rounds: number;
  readonly seconds: number;
}

/** The figures of one client in one round. */
interface Side {
  readonly rate: number;
  readonly cpuUs: number;
  readonly othersShare: number;
}

/**
 * Echoes, 64 in flight, with failover and without, against the same responder. Each round has two callers that are new
 * processes, since a process may be slower than its like for all of its life, and asks them on, off, off, on, or the
 * other way about.
 */
export async function measureOverhead(bench: Bench, { rounds, seconds }: Options): Promise<Overhead> {
  const server = await bench.server();
  await using responder = startContender("shoal", server.url);
  await responder.ask("respond");
  const pids = { responder: responder.pid, server: server.pid };
  const order = { cell: CELLS.busy, warmupSeconds: seconds / 5, seconds, ...pids };

  const on: Side[] = [];
  const off: Side[] = [];
  for (let round = 0; round < rounds; round++) {
    bench.progress(`overhead: round ${round + 1} of ${rounds}`);
    await using first = startCaller(server.url, round % 2 === 0);
    await using second = startCaller(server.url, round % 2 === 1);
    // Until the engine has compiled what there is to compile.
    for (const caller of [first, second])
      await caller.ask("measure", { ...order, warmupSeconds: 2 * seconds });
    const taken: Measured[] = [];
    for (const caller of [first, second, second, first]) taken.push(await caller.ask("measure", order));
    const [a, b, c, d] = taken as [Measured, Measured, Measured, Measured];
    const [outer, inner] = [sideOf(a, d), sideOf(b, c)];
    on.push(round % 2 === 0 ? outer : inner);
    off.push(round % 2 === 0 ? inner : outer);
  }
  const more = (of: (side: Side) => number): Estimate =>
    estimate(on.map((side, round) => (of(side) / of(off[round] as Side) - 1) * 100));
  return {
    rounds,
    rateOn: median(on.map(({ rate }) => rate)),
    rateOff: median(off.map(({ rate }) => rate)),
    pct: more(({ rate }) => 1 / rate),
    cpuPct: more(({ cpuUs }) => cpuUs),
    othersShare: median([...on, ...off].map(({ othersShare }) => othersShare)),
  };
}

function startCaller(url: string, failover: boolean): WorkerProcess<OverheadCommands> {
  return startWorker<OverheadCommands>(new URL("./overhead-worker.ts", import.meta.url), {
    args: [url, failover ? "on" : "off"],
  });
}

function sideOf(a: Measured, b: Measured): Side {
  return {
    rate: (a.rate + b.rate) / 2,
    cpuUs: (a.requesterCpuUs + b.requesterCpuUs) / 2,
    othersShare: (a.othersShare + b.othersShare) / 2,
  };
}
