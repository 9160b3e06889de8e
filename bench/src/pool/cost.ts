import type { Bench } from "../benchmark.ts";
import { CELLS } from "../call/settings.ts";
import { measureCost, type Cost } from "../cost.ts";
import { startWorker, type WorkerProcess } from "../process.ts";
import type { CostCommands } from "./cost-worker.ts";

interface Options {
  readonly rounds: number;
  readonly seconds: number;
}

/**
 * What lanes cost handlers that never need them: those that take a microsecond, 64 calls in flight, by the same caller.
 * Processor time is the responder's.
 */
export async function measureLanes(bench: Bench, { rounds, seconds }: Options): Promise<Cost> {
  const server = await bench.server();
  await using caller = startMember(server.url);
  // Awaited: the caller ends with this function.
  return await measureCost({
    rounds,
    seconds,
    start: async (lanes, stack) => {
      const responder = stack.use(startMember(server.url));
      const root = lanes ? "on" : "off";
      await responder.ask("serve", { root, lanes });
      const order = { cell: CELLS.busy, seconds, responder: responder.pid, server: server.pid };
      return async (warmupSeconds) => {
        const { rate, responderCpuUs, othersShare } = await caller.ask("measure", {
          root,
          order: { ...order, warmupSeconds },
        });
        return { rate, cpuUs: responderCpuUs, othersShare };
      };
    },
    progress: (round) => bench.progress(`cost: round ${round} of ${rounds}`),
  });
}

function startMember(url: string): WorkerProcess<CostCommands> {
  return startWorker(new URL("./cost-worker.ts", import.meta.url), { args: [url] });
}
