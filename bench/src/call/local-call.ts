import type { Bench } from "../benchmark.ts";
import { startWorker } from "../process.ts";
import { rounded } from "../report.ts";
import { median } from "../stats.ts";
import type { LocalCallCommands } from "./local-call-worker.ts";
import type { Part } from "./part.ts";

/** Calls to an agent in the caller's own process, which need no serialisation. */
export const localCall: Part = {
  title: "in-process call",
  targets: [{ name: "local_calls_per_s", op: ">=", target: 300_000 }],

  async run({ options, progress }: Bench, { url }) {
    const runs = options.quick ? 3 : 5;
    const seconds = options.seconds ?? (options.quick ? 0.5 : 1);
    await using worker = startWorker<LocalCallCommands>(new URL("./local-call-worker.ts", import.meta.url), {
      args: [url],
    });
    const rates: number[] = [];
    for (let run = 1; run <= runs; run++) {
      progress(`in-process call, run ${run} of ${runs}`);
      rates.push(await worker.ask("measure", { warmupSeconds: 0.3, seconds }));
    }
    const rate = median(rates);
    return {
      values: { local_calls_per_s: rate },
      rows: [{ measure: "local_call", runs, rate: rounded(rate) }],
      notes: [],
    };
  },
};
