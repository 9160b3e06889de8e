import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "nats";
import type { Bench } from "../benchmark.ts";
import { startWorker } from "../process.ts";
import { StoreFolder } from "./store-folder.ts";
import type { BareCommands } from "./bare-worker.ts";
import { QUICK_RATE_TASKS, RATE_TASKS, WORKERS } from "./settings.ts";
import type { ShoalSubmitterCommands } from "./shoal-submitter.ts";
import type { ShoalWorkerCommands } from "./shoal-worker.ts";

const BARE = new URL("./bare-worker.ts", import.meta.url);
const WORKER = new URL("./shoal-worker.ts", import.meta.url);
const SUBMITTER = new URL("./shoal-submitter.ts", import.meta.url);
const LOOK_EVERY_MS = 10;

/** Tasks a second, from the first that is submitted to the last that is acknowledged, in one round. */
export interface Round {
  readonly shoal: number;
  readonly bare: number;
}

/** Both on one server, one after the other, in a new order each round. */
export async function measureRates(bench: Bench, rounds: number): Promise<Round[]> {
  const count = bench.options.quick ? QUICK_RATE_TASKS : RATE_TASKS;
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(new StoreFolder());
  const { url } = await bench.server({ storeDir: folder.path });
  const start = <C extends ShoalWorkerCommands | ShoalSubmitterCommands | BareCommands>(module: URL) =>
    stack.use(startWorker<C>(module, { args: [url] }));
  for (let n = 0; n < WORKERS; n++) await start<ShoalWorkerCommands>(WORKER).ask("connected");
  const submitter = start<ShoalSubmitterCommands>(SUBMITTER);
  for (let n = 0; n < WORKERS; n++) await start<BareCommands>(BARE).ask("work");
  const publisher = start<BareCommands>(BARE);
  const contenders = {
    shoal: () => timed(url, "mesh-tasks", count, () => submitter.ask("submit", count)),
    bare: () => timed(url, "BARE", count, () => publisher.ask("submit", count)),
  };
  const found: Round[] = [];
  for (let round = 0; round <= rounds; round++) {
    bench.progress(round === 0 ? "rate: warm-up" : `rate: round ${round} of ${rounds}`);
    const order = round % 2 === 0 ? (["shoal", "bare"] as const) : (["bare", "shoal"] as const);
    const rates = { shoal: 0, bare: 0 };
    for (const name of order) rates[name] = await contenders[name]();
    if (round > 0) found.push(rates);
  }
  return found;
}

/** Tasks a second until the queue is empty again. */
async function timed(
  url: string,
  stream: string,
  count: number,
  submit: () => Promise<void>,
): Promise<number> {
  const connection = await connect({ servers: url });
  try {
    const manager = await connection.jetstreamManager();
    const from = performance.now();
    await submit();
    while ((await manager.streams.info(stream)).state.messages > 0) await sleep(LOOK_EVERY_MS);
    return (count / (performance.now() - from)) * 1_000;
  } finally {
    await connection.close();
  }
}
