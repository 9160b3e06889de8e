import { closedLoop } from "../call/closed-loop.ts";
import { Samples } from "../call/samples.ts";
import { quantile } from "../stats.ts";
import { Usage } from "../usage.ts";
import type { Consumer } from "./contender.ts";
import type { Cell } from "./settings.ts";

/** One measurement, as the parent orders it. */
export interface Order {
  readonly cell: Cell;
  readonly warmupSeconds: number;
  readonly seconds: number;
  /** The other processes whose processor time counts. */
  readonly responder: number;
  readonly server: number;
}

/** What one measurement gave. */
export interface Measured {
  /** Chunks a second, all streams together. */
  readonly rate: number;
  /** From the request to the first chunk, microseconds. */
  readonly firstP50Us: number;
  readonly firstP99Us: number;
  /** Processor time of asker, responder and server, microseconds per chunk. */
  readonly cpuUs: number;
  /** Share of the machine that went to anything else meanwhile, 0 to 1. */
  readonly othersShare: number;
}

/** Measures a consumer of this very process: as many streams as the load has at once, each beginning when one ends. */
export async function measure(
  consumer: Consumer,
  { cell, warmupSeconds, seconds, responder, server }: Order,
): Promise<Measured> {
  const usage = new Usage([process.pid, responder, server]);
  let firstUs = new Samples();
  const stream = consumer.prepare(cell);
  const call = (done: (failure?: Error) => void): void => {
    const sent = performance.now();
    stream(() => firstUs.push((performance.now() - sent) * 1_000), done);
  };
  const observed = await closedLoop(call, cell.streams, {
    warmupSeconds,
    seconds,
    onOpen: () => {
      firstUs = new Samples();
      usage.begin();
    },
    onClose: () => usage.end(),
  });
  const chunks = observed.requests * cell.chunks;
  const cpu = usage.seconds.reduce((sum, each) => sum + each, 0);
  const first = firstUs.values();
  return {
    rate: chunks / observed.seconds,
    firstP50Us: quantile(first, 0.5),
    firstP99Us: quantile(first, 0.99),
    cpuUs: (cpu * 1e6) / chunks,
    othersShare: usage.othersShare,
  };
}
