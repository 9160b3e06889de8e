import { setTimeout as sleep } from "node:timers/promises";
import { connect, defineAgent } from "@shoal/mesh";
import { z } from "zod";
import { serveParent } from "../worker.ts";

const [url = ""] = process.argv.slice(2);
const mesh = await connect({ servers: url });

/** Each with schemas of its own, as agents from different authors have. */
const define = (index: number) => {
  const content = z.object({ text: z.string() });
  return defineAgent({
    name: `agent-${index}`,
    version: "1.0.0",
    methods: { say: { input: content, output: content, run: (input) => input } },
  });
};

const commands = {
  /** Serves that many agents; milliseconds from the first to all being ready. */
  serve: async (count: number): Promise<number> => {
    const agents = Array.from({ length: count }, (_, index) => define(index));
    const began = performance.now();
    await Promise.all(agents.map((agent) => mesh.serve(agent)));
    return performance.now() - began;
  },

  /** Resident bytes once the garbage is gone. */
  rss: async (): Promise<number> => {
    // Twice with a pause: pages go back to the system only some time after they are free.
    for (let pass = 0; pass < 2; pass++) {
      globalThis.gc?.();
      await sleep(200);
    }
    return process.memoryUsage.rss();
  },
};

export type ManyAgentsCommands = typeof commands;

serveParent(commands);
