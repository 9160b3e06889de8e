import type { Bench } from "../benchmark.ts";
import { startContender } from "../call/race.ts";
import { CELLS } from "../call/settings.ts";
import { measureSwitch, type Overhead } from "../overhead.ts";
import { startWorker, type WorkerProcess } from "../process.ts";
import type { OverheadCommands } from "./overhead-worker.ts";

interface Options {
  readonly rounds: number;
  readonly seconds: number;
}

/**
 * What failover costs calls that never need it: echoes, 64 in flight, with failover and without, against the same
 * responder. Each round has two callers that are new processes.
 */
export async function measureOverhead(bench: Bench, { rounds, seconds }: Options): Promise<Overhead> {
  const server = await bench.server();
  await using responder = startContender("shoal", server.url);
  await responder.ask("respond");
  const pids = { responder: responder.pid, server: server.pid };
  const order = { cell: CELLS.busy, warmupSeconds: seconds / 5, seconds, ...pids };
  return await measureSwitch({
    rounds,
    cpuUs: ({ requesterCpuUs }) => requesterCpuUs,
    async start(stack, onFirst, round) {
      bench.progress(`overhead: round ${round + 1} of ${rounds}`);
      const first = stack.use(startCaller(server.url, onFirst));
      const second = stack.use(startCaller(server.url, !onFirst));
      // Until the engine has compiled what there is to compile.
      for (const caller of [first, second])
        await caller.ask("measure", { ...order, warmupSeconds: 2 * seconds });
      const [on, off] = onFirst ? [first, second] : [second, first];
      return { on: () => on.ask("measure", order), off: () => off.ask("measure", order) };
    },
  });
}

function startCaller(url: string, failover: boolean): WorkerProcess<OverheadCommands> {
  return startWorker<OverheadCommands>(new URL("./overhead-worker.ts", import.meta.url), {
    args: [url, failover ? "on" : "off"],
  });
}
