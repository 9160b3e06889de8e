import { quantile } from "../stats.ts";
import { Usage } from "../usage.ts";
import { closedLoop } from "./closed-loop.ts";
import type { Requester } from "./contender.ts";
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

/** What one measurement gave. Processor times are microseconds per request. */
export interface Measured {
  readonly rate: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly requesterCpuUs: number;
  readonly responderCpuUs: number;
  readonly serverCpuUs: number;
  /** Share of the machine that went to anything else meanwhile, 0 to 1. */
  readonly othersShare: number;
}

/** Measures a requester of this very process. */
export async function measure(
  requester: Requester,
  { cell, warmupSeconds, seconds, responder, server }: Order,
): Promise<Measured> {
  const usage = new Usage([process.pid, responder, server]);
  const observed = await closedLoop(requester.prepare(cell.bytes), cell.concurrency, {
    warmupSeconds,
    seconds,
    onOpen: () => usage.begin(),
    onClose: () => usage.end(),
  });
  const { requests, latenciesUs } = observed;
  const [requesterCpuUs = NaN, responderCpuUs = NaN, serverCpuUs = NaN] = usage.seconds.map(
    (cpu) => (cpu * 1e6) / requests,
  );
  return {
    rate: requests / observed.seconds,
    p50Us: quantile(latenciesUs, 0.5),
    p99Us: quantile(latenciesUs, 0.99),
    requesterCpuUs,
    responderCpuUs,
    serverCpuUs,
    othersShare: usage.othersShare,
  };
}
