import { connect } from "@shoal/mesh/client";
import { closedLoop } from "../call/closed-loop.ts";
import { echoRequester } from "../call/echo-requester.ts";
import { CELLS } from "../call/settings.ts";
import { quantile } from "../stats.ts";
import { Usage } from "../usage.ts";
import { serveParent } from "../worker.ts";

const [servers = ""] = process.argv.slice(2);

/** One measurement, as the parent orders it. */
export interface Order {
  /** Of the mesh to call. */
  readonly root: string;
  readonly warmupSeconds: number;
  readonly seconds: number;
  /** The other processes whose processor time counts: those that serve, and the server. */
  readonly others: readonly number[];
}

/** What one measurement gave. */
export interface Measured {
  /** Calls a second. */
  readonly rate: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Processor time of all processes, microseconds per call. */
  readonly cpuUs: number;
  /** Share of the machine that went to anything else meanwhile, 0 to 1. */
  readonly othersShare: number;
}

const commands = {
  /** Calls an echo with as many in flight as the busy load has. */
  measure: async ({ root, warmupSeconds, seconds, others }: Order): Promise<Measured> => {
    await using mesh = await connect({ servers, root });
    const usage = new Usage([process.pid, ...others]);
    const {
      requests,
      seconds: took,
      latenciesUs,
    } = await closedLoop(echoRequester(mesh).prepare(CELLS.busy.bytes), CELLS.busy.concurrency, {
      warmupSeconds,
      seconds,
      onOpen: () => usage.begin(),
      onClose: () => usage.end(),
    });
    const cpu = usage.seconds.reduce((sum, each) => sum + each, 0);
    return {
      rate: requests / took,
      p50Us: quantile(latenciesUs, 0.5),
      p99Us: quantile(latenciesUs, 0.99),
      cpuUs: (cpu * 1e6) / requests,
      othersShare: usage.othersShare,
    };
  },
};

export type CallerCommands = typeof commands;

serveParent(commands);
