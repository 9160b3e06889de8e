import { quantile } from "../stats.ts";
import { Usage } from "../usage.ts";
import { serveParent } from "../worker.ts";
import { closedLoop } from "./closed-loop.ts";
import type { Requester } from "./contender.ts";
import { roster, type ContenderName } from "./roster.ts";
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

const [name, url] = process.argv.slice(2) as [ContenderName, string];
let requester: Requester | undefined;

const commands = {
  respond: async () => (await roster[name].load()).respond(url),

  request: async () => {
    requester = await (await roster[name].load()).request(url);
  },

  measure: async ({ cell, warmupSeconds, seconds, responder, server }: Order): Promise<Measured> => {
    if (requester === undefined) throw new Error(`${name} has not been told to request`);
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
  },
};

export type ContenderCommands = typeof commands;

serveParent(commands);
