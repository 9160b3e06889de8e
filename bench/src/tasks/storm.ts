import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bench } from "../benchmark.ts";
import { Ledger } from "../failover/ledger.ts";
import { type WorkerProcess, startWorker } from "../process.ts";
import { startServer } from "../server.ts";
import { type Accounts, accountsOf } from "./accounts.ts";
import {
  KILL_EVERY_MS,
  QUICK_STORM_TASKS,
  RESTART_AT,
  STORM_LIMIT_MS,
  STORM_TASKS,
  WORKERS,
} from "./settings.ts";
import type { ShoalSubmitterCommands } from "./shoal-submitter.ts";
import type { ShoalWorkerCommands } from "./shoal-worker.ts";
import { StoreFolder } from "./store-folder.ts";

const WORKER = new URL("./shoal-worker.ts", import.meta.url);
const SUBMITTER = new URL("./shoal-submitter.ts", import.meta.url);
const LOOK_EVERY_MS = 1_000;

export interface Storm extends Accounts {
  readonly tasks: number;
  readonly kills: number;
  readonly restarts: number;
  /** From the first that was submitted to the last that was done. */
  readonly tookS: number;
}

/** Tasks while a worker is killed every second, and the NATS server once. */
export async function runStorm({ options, progress }: Bench): Promise<Storm> {
  const tasks = options.quick ? QUICK_STORM_TASKS : STORM_TASKS;
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(new StoreFolder());
  const ledger = stack.use(new Ledger());
  let server = await startServer({ storeDir: folder.path });
  const port = Number(new URL(server.url).port);
  stack.defer(async () => server[Symbol.asyncDispose]());
  const start = (): WorkerProcess<ShoalWorkerCommands> =>
    startWorker<ShoalWorkerCommands>(WORKER, { args: [server.url, ledger.file] });
  const workers = Array.from({ length: WORKERS }, start);
  stack.defer(async () => {
    for (const each of workers) each.signal("SIGKILL");
  });
  await Promise.all(workers.map((each) => each.ask("connected")));
  const submitter = stack.use(startWorker<ShoalSubmitterCommands>(SUBMITTER, { args: [server.url] }));

  const done = (): number => new Set(readFileSync(ledger.file, "utf8").split("\n").map(keyIn)).size - 1;
  const over = new AbortController();
  let kills = 0;
  let restarts = 0;
  const killing = (async () => {
    for (;;) {
      await sleep(KILL_EVERY_MS, undefined, { signal: over.signal });
      const at = kills++ % WORKERS;
      workers[at]?.signal("SIGKILL");
      workers[at] = start();
    }
  })().catch(() => {});
  const from = performance.now();
  const submitted = submitter.ask("storm", tasks);
  let finished = 0;
  while (finished < tasks && performance.now() - from < STORM_LIMIT_MS) {
    await sleep(LOOK_EVERY_MS);
    finished = done();
    progress(
      `storm: ${finished.toLocaleString("en-US")} of ${tasks.toLocaleString("en-US")} done, ${kills} killed`,
    );
    if (restarts === 0 && finished > tasks * RESTART_AT) {
      restarts++;
      await server.kill();
      server = await startServer({ storeDir: folder.path, port });
    }
  }
  const tookS = (performance.now() - from) / 1_000;
  over.abort();
  await killing;
  await submitted;
  // What the last ones have done is written down, and what the killed ones had comes again.
  const outcomes = await settled(submitter, tasks, from);
  return { ...accountsOf(tasks, ledger.read(), outcomes), tasks, kills, restarts, tookS };
}

async function settled(
  submitter: WorkerProcess<ShoalSubmitterCommands>,
  tasks: number,
  from: number,
): Promise<ReadonlyMap<string, string>> {
  for (;;) {
    const { keptBy } = await submitter.ask("outcomes");
    if (keptBy.length >= tasks || performance.now() - from > STORM_LIMIT_MS) return new Map(keptBy);
    await sleep(1_000);
  }
}

function keyIn(line: string): string {
  return line.slice(0, line.indexOf("@"));
}
