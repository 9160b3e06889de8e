import type { Bench } from "../benchmark.ts";
import type { Cost } from "../cost.ts";
import { type EchoOptions, measureEcho } from "../echo-cost.ts";
import { startWorker, type WorkerProcess } from "../process.ts";
import type { CostCommands } from "./cost-worker.ts";

/** What lanes cost handlers that never need them: those that take a microsecond. */
export function measureLanes(bench: Bench, options: EchoOptions): Promise<Cost> {
  return measureEcho(bench, { ...options, name: "cost", start: startMember });
}

function startMember(url: string): WorkerProcess<CostCommands> {
  return startWorker(new URL("./cost-worker.ts", import.meta.url), { args: [url] });
}
