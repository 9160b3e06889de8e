import type { Bench } from "../benchmark.ts";
import { startWorker } from "../process.ts";
import { rounded } from "../report.ts";
import { median } from "../stats.ts";
import type { ManyAgentsCommands } from "./many-agents-worker.ts";
import type { Part } from "./part.ts";

const AGENTS = 1_000;
const MEGABYTE = 2 ** 20;

/** A thousand agents in one process: how soon they are ready and what they weigh. */
export const manyAgents: Part = {
  title: "1,000 agents",
  targets: [
    { name: "agents_1000_ready_ms", op: "<=", target: 3_000 },
    { name: "agents_1000_rss_mb", op: "<=", target: 60 },
  ],

  async run({ options, progress }: Bench, { url }) {
    const runs = options.quick ? 3 : 5;
    const readyMs: number[] = [];
    const addedMb: number[] = [];
    for (let run = 1; run <= runs; run++) {
      progress(`1,000 agents, run ${run} of ${runs}`);
      const empty = await once(url, 0);
      const full = await once(url, AGENTS);
      readyMs.push(full.ms);
      addedMb.push((full.rss - empty.rss) / MEGABYTE);
    }
    const ready = median(readyMs);
    const added = median(addedMb);
    return {
      values: { agents_1000_ready_ms: ready, agents_1000_rss_mb: added },
      rows: [
        { measure: "many_agents", agents: AGENTS, runs, ready_ms: rounded(ready), rss_mb: rounded(added) },
      ],
      notes: [],
    };
  },
};

async function once(url: string, agents: number): Promise<{ ms: number; rss: number }> {
  await using worker = startWorker<ManyAgentsCommands>(new URL("./many-agents-worker.ts", import.meta.url), {
    args: [url],
    nodeFlags: ["--expose-gc"],
  });
  const ms = await worker.ask("serve", agents);
  return { ms, rss: await worker.ask("rss") };
}
