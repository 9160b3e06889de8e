import type { Bench } from "../benchmark.ts";
import { CELLS } from "../call/settings.ts";
import { measureCost, type Cost } from "../cost.ts";
import { startWorker, type WorkerProcess } from "../process.ts";
import type { MetricsCommands } from "./metrics-worker.ts";

interface Options {
  readonly rounds: number;
  readonly seconds: number;
}

/**
 * What it costs that a node tells its figures, and that a metrics agent hears them: an echo with 64 calls in flight.
 * Recording is in both sides: the figures are those of NATS micro services too. Processor time is the responder's.
 */
export async function measureOverhead(bench: Bench, { rounds, seconds }: Options): Promise<Cost> {
  const server = await bench.server();
  await using caller = startMember(server.url);
  await using watcher = startMember(server.url);
  await watcher.ask("watch", { root: "on" });
  // Awaited: both end with this function.
  return await measureCost({
    rounds,
    seconds,
    start: async (tells, stack) => {
      const responder = stack.use(startMember(server.url));
      const root = tells ? "on" : "off";
      await responder.ask("serve", { root, tells });
      const order = { cell: CELLS.busy, seconds, responder: responder.pid, server: server.pid };
      return async (warmupSeconds) => {
        const { rate, responderCpuUs, othersShare } = await caller.ask("measure", {
          root,
          order: { ...order, warmupSeconds },
        });
        return { rate, cpuUs: responderCpuUs, othersShare };
      };
    },
    progress: (round) => bench.progress(`overhead: round ${round} of ${rounds}`),
  });
}

export function startMember(url: string): WorkerProcess<MetricsCommands> {
  return startWorker(new URL("./metrics-worker.ts", import.meta.url), { args: [url] });
}
