import type { Bench } from "../benchmark.ts";
import { startContender } from "../call/race.ts";
import { CELLS } from "../call/settings.ts";
import { measureCost, type Cost } from "../cost.ts";
import { startWorker } from "../process.ts";
import type { OverheadCommands } from "./overhead-worker.ts";

interface Options {
  readonly rounds: number;
  readonly seconds: number;
}

/** Echoes, 64 in flight, with failover and without, against the same responder. Processor time is the caller's. */
export async function measureOverhead(bench: Bench, { rounds, seconds }: Options): Promise<Cost> {
  const server = await bench.server();
  await using responder = startContender("shoal", server.url);
  await responder.ask("respond");
  const order = { cell: CELLS.busy, seconds, responder: responder.pid, server: server.pid };
  // Awaited: the responder ends with this function.
  return await measureCost({
    rounds,
    seconds,
    start: async (failover, stack) => {
      const caller = stack.use(
        startWorker<OverheadCommands>(new URL("./overhead-worker.ts", import.meta.url), {
          args: [server.url, failover ? "on" : "off"],
        }),
      );
      return async (warmupSeconds) => {
        const { rate, requesterCpuUs, othersShare } = await caller.ask("measure", {
          ...order,
          warmupSeconds,
        });
        return { rate, cpuUs: requesterCpuUs, othersShare };
      };
    },
    progress: (round) => bench.progress(`overhead: round ${round} of ${rounds}`),
  });
}
