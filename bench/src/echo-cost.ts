import type { Bench } from "./benchmark.ts";
import { CELLS } from "./call/settings.ts";
import type { Measured, Order } from "./call/measure.ts";
import { measureCost, type Cost } from "./cost.ts";
import type { WorkerProcess } from "./process.ts";

/** What a worker can do that serves an echo with something or without it, and calls it. */
type EchoCommands = {
  /** Serves it in a mesh of its own. */
  serve: (order: { root: string; on: boolean }) => Promise<void>;
  /** Calls it. */
  measure: (order: { root: string; order: Order }) => Promise<Measured>;
};

export interface EchoOptions {
  readonly rounds: number;
  readonly seconds: number;
}

interface Trial extends EchoOptions {
  /** For progress. */
  readonly name: string;
  readonly start: (url: string) => WorkerProcess<EchoCommands>;
  /** Told of the server before anything is measured. */
  readonly before?: (url: string, stack: AsyncDisposableStack) => Promise<void>;
}

/** What something costs an echo with 64 calls in flight, by the same caller. Processor time is the responder's. */
export async function measureEcho(
  bench: Bench,
  { rounds, seconds, name, start, before }: Trial,
): Promise<Cost> {
  const server = await bench.server();
  await using all = new AsyncDisposableStack();
  const caller = all.use(start(server.url));
  await before?.(server.url, all);
  // Awaited: the processes end with this function.
  return await measureCost({
    rounds,
    seconds,
    start: async (on, stack) => {
      const responder = stack.use(start(server.url));
      const root = on ? "on" : "off";
      await responder.ask("serve", { root, on });
      const order = { cell: CELLS.busy, seconds, responder: responder.pid, server: server.pid };
      return async (warmupSeconds) => {
        const { rate, responderCpuUs, othersShare } = await caller.ask("measure", {
          root,
          order: { ...order, warmupSeconds },
        });
        return { rate, cpuUs: responderCpuUs, othersShare };
      };
    },
    progress: (round) => bench.progress(`${name}: round ${round} of ${rounds}`),
  });
}
