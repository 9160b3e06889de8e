import type { Bench } from "../benchmark.ts";
import { startWorker, type WorkerProcess } from "../process.ts";
import { seededRandom, shuffled } from "../random.ts";
import type { NatsServer } from "../server.ts";
import type { ContenderCommands } from "./contender-worker.ts";
import type { Measured } from "./measure.ts";
import { Results } from "./results.ts";
import { roster, type ContenderName } from "./roster.ts";
import { CELLS, type Cell } from "./settings.ts";

/** How long and how often. */
export interface RaceOptions {
  readonly contenders: readonly ContenderName[];
  readonly rounds: number;
  readonly warmupSeconds: number;
  readonly seconds: number;
}

interface Pair {
  readonly name: ContenderName;
  readonly requester: WorkerProcess<ContenderCommands>;
  readonly responder: WorkerProcess<ContenderCommands>;
}

/**
 * Measures everyone in turn, in a new random order each round, on one server. What is compared within a round was
 * measured within seconds of each other, so that a machine that slows down slows everyone down.
 * A contender that cannot run, or fails one call, is out, with its reason.
 */
export async function race(bench: Bench, server: NatsServer, options: RaceOptions): Promise<Results> {
  await using stack = new AsyncDisposableStack();
  const results = new Results();
  const random = seededRandom(options.rounds);
  const { warmupSeconds, seconds } = options;
  const measure = ({ requester, responder }: Pair, cell: Cell): Promise<Measured> =>
    requester.ask("measure", { cell, warmupSeconds, seconds, responder: responder.pid, server: server.pid });

  const attempt = async (name: ContenderName, step: () => Promise<void>): Promise<void> => {
    if (results.failure(name) !== undefined) return;
    try {
      await step();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      bench.progress(`${name} is out: ${message}`);
      results.fail(name, message);
    }
  };

  const pairs: Pair[] = [];
  for (const name of options.contenders) {
    bench.progress(`starting ${roster[name].title}`);
    await attempt(name, async () => {
      const pair = await startPair(stack, name, server.url);
      // Once unmeasured, so that the first round does not meet code that was never compiled.
      await measure(pair, CELLS.busy);
      pairs.push(pair);
    });
  }
  for (let round = 1; round <= options.rounds; round++) {
    bench.progress(`round ${round} of ${options.rounds}`);
    for (const cell of shuffled(Object.values(CELLS), random)) {
      for (const pair of shuffled(pairs, random)) {
        await attempt(pair.name, async () => results.add(cell, pair.name, await measure(pair, cell)));
      }
    }
  }
  return results;
}

async function startPair(stack: AsyncDisposableStack, name: ContenderName, url: string): Promise<Pair> {
  const start = (): WorkerProcess<ContenderCommands> => stack.use(startContender(name, url));
  const responder = start();
  await responder.ask("respond");
  const requester = start();
  await requester.ask("request");
  return { name, requester, responder };
}

/** A process of one contender, ready to be told which side it is. */
export function startContender(name: ContenderName, url: string): WorkerProcess<ContenderCommands> {
  return startWorker(new URL("./contender-worker.ts", import.meta.url), { args: [name, url] });
}
