import type { Measured } from "../call/measure.ts";
import { CELLS } from "../call/settings.ts";
import { measureSwitch, type Overhead } from "../overhead.ts";
import { startWorker, type WorkerProcess } from "../process.ts";
import { startServer } from "../server.ts";
import type { CostCommands } from "./cost-worker.ts";

interface Options {
  readonly rounds: number;
  /** How long each of the four measurements of a round lasts. */
  readonly seconds: number;
  readonly progress: (line: string) => void;
}

/**
 * What lanes cost handlers that never need them: those that take a microsecond, 64 calls in flight. Each round has two
 * responders that are new processes, one with lanes and one without, and the same caller for both.
 */
export async function measureCost({ rounds, seconds, progress }: Options): Promise<Overhead> {
  await using server = await startServer();
  const { url, pid } = server;
  await using caller = startMember(url);
  return await measureSwitch({
    rounds,
    cpuUs: ({ responderCpuUs }) => responderCpuUs,
    async start(stack, onFirst, round) {
      progress(`cost: round ${round + 1} of ${rounds}`);
      const sides: (() => Promise<Measured>)[] = [];
      const measured = (root: string, responder: number, warmupSeconds: number): Promise<Measured> =>
        caller.ask("measure", {
          root,
          order: { cell: CELLS.busy, warmupSeconds, seconds, responder, server: pid },
        });
      for (const lanes of [onFirst, !onFirst]) {
        const responder = stack.use(startMember(url));
        const root = lanes ? "on" : "off";
        await responder.ask("serve", { root, lanes });
        sides.push(() => measured(root, responder.pid, seconds / 5));
        // Until the engine has compiled what there is to compile.
        await measured(root, responder.pid, 2 * seconds);
      }
      const [first, second] = sides as [() => Promise<Measured>, () => Promise<Measured>];
      return onFirst ? { on: first, off: second } : { on: second, off: first };
    },
  });
}

function startMember(url: string): WorkerProcess<CostCommands> {
  return startWorker<CostCommands>(new URL("./cost-worker.ts", import.meta.url), { args: [url] });
}
