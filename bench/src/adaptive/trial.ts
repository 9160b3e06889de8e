import { setTimeout as sleep } from "node:timers/promises";
import { type WorkerProcess, startWorker } from "../process.ts";
import type { BackendCommands } from "./backend-worker.ts";
import type { Batched, CallerCommands } from "./caller-worker.ts";
import type { Contender } from "./contenders.ts";
import { SLICE_MS } from "./timeline.ts";

const BACKEND = new URL("./backend-worker.ts", import.meta.url);
const CALLER = new URL("./caller-worker.ts", import.meta.url);

/** One contender between two knees. */
export interface Trial {
  readonly contender: Contender;
  readonly batched: Batched;
  /** Messages that the backend has begun twice or more, and results of which it knows nothing. */
  readonly twice: number;
  readonly lost: number;
}

export interface TrialOptions {
  /** The knee at first, and from half time on. */
  readonly knees: readonly [number, number];
  /** Of each half. */
  readonly seconds: number;
}

/** A node and a client process, ready to go. */
interface Pair {
  readonly contender: Contender;
  readonly backend: WorkerProcess<BackendCommands>;
  readonly caller: WorkerProcess<CallerCommands>;
}

/** Runs contenders side by side, each with a backend and a client of its own, in processes of their own. */
export async function runTrials(
  url: string,
  contenders: readonly Contender[],
  { knees: [before, after], seconds }: TrialOptions,
): Promise<Trial[]> {
  await using stack = new AsyncDisposableStack();
  const pairs: Pair[] = [];
  for (const [n, contender] of contenders.entries()) {
    const agent = `knee-${n}`;
    const args = [url, agent, String(before), JSON.stringify(contender.slots)];
    const backend = stack.use(startWorker<BackendCommands>(BACKEND, { args }));
    const caller = stack.use(startWorker<CallerCommands>(CALLER, { args: [url, agent] }));
    pairs.push({ contender, backend, caller });
  }
  await Promise.all(pairs.flatMap(({ backend, caller }) => [backend.ask("ready"), caller.ask("ready")]));
  // The processes end when this function does.
  return await Promise.all(
    pairs.map(async (pair) => {
      const { contender, backend } = pair;
      const [batched, slots] = await Promise.all([
        pair.caller.ask("batch", { concurrency: contender.batch, seconds: 2 * seconds, from: 0 }),
        typeof contender.slots === "number" ? [] : watched(pair, 2 * seconds),
        sleep(seconds * 1_000).then(() => backend.ask("move", after)),
      ]);
      const times = await backend.ask("times");
      return {
        contender,
        batched: slots.length > 0 ? { ...batched, limits: slots } : batched,
        twice: times.filter((each) => each > 1).length,
        // What the backend refused is a result too: it has been begun.
        lost:
          batched.read - times.filter((each) => each > 0).length + Math.abs(batched.read - batched.results),
      };
    }),
  );
}

/** The limit of a replica, slice by slice. */
async function watched({ backend }: Pair, seconds: number): Promise<number[]> {
  const slots: number[] = [];
  for (let n = 0; n < (seconds * 1_000) / SLICE_MS; n++) {
    await sleep(SLICE_MS);
    slots.push(await backend.ask("slots"));
  }
  return slots;
}
