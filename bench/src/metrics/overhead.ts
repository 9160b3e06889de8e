import type { Bench } from "../benchmark.ts";
import type { Cost } from "../cost.ts";
import { type EchoOptions, measureEcho } from "../echo-cost.ts";
import { startWorker, type WorkerProcess } from "../process.ts";
import type { MetricsCommands } from "./metrics-worker.ts";

/**
 * What it costs that a node tells its figures, and that a metrics agent hears them. Recording is in both sides: the figures
 * are those of NATS micro services too.
 */
export function measureOverhead(bench: Bench, options: EchoOptions): Promise<Cost> {
  return measureEcho(bench, {
    ...options,
    name: "overhead",
    start: startMember,
    before: async (url, stack) => {
      await stack.use(startMember(url)).ask("watch", { root: "on" });
    },
  });
}

export function startMember(url: string): WorkerProcess<MetricsCommands> {
  return startWorker(new URL("./metrics-worker.ts", import.meta.url), { args: [url] });
}
