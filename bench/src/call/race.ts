import type { Bench } from "../benchmark.ts";
import { startWorker, type WorkerProcess } from "../process.ts";
import { race as raceOf } from "../race/race.ts";
import type { NatsServer } from "../server.ts";
import type { ContenderCommands } from "./contender-worker.ts";
import type { Results } from "./results.ts";
import type { ContenderName } from "./roster.ts";
import { CELLS } from "./settings.ts";

/** How long and how often. */
export interface RaceOptions {
  readonly contenders: readonly ContenderName[];
  readonly rounds: number;
  readonly warmupSeconds: number;
  readonly seconds: number;
}

/** Measures everyone on one server, each with a process that asks and a process that answers. */
export function race({ progress }: Bench, server: NatsServer, options: RaceOptions): Promise<Results> {
  const { contenders, rounds, warmupSeconds, seconds } = options;
  return raceOf({
    contenders,
    cells: Object.values(CELLS),
    firstCell: CELLS.busy,
    rounds,
    progress,
    start: async (name, stack) => {
      const responder = stack.use(startContender(name, server.url));
      await responder.ask("respond");
      const requester = stack.use(startContender(name, server.url));
      await requester.ask("request");
      const order = { warmupSeconds, seconds, responder: responder.pid, server: server.pid };
      return (cell) => requester.ask("measure", { cell, ...order });
    },
  });
}

/** A process of one contender, ready to be told which side it is. */
export function startContender(name: ContenderName, url: string): WorkerProcess<ContenderCommands> {
  return startWorker(new URL("./contender-worker.ts", import.meta.url), { args: [name, url] });
}
