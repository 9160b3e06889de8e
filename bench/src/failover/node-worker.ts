import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, defineAgent } from "@shoal/mesh";
import { z } from "zod";
import { serveParent } from "../worker.ts";

/** A node that serves `job.work` and writes what it does into a ledger that outlives it. */
const [servers = "", ledger = ""] = process.argv.slice(2);

const job = defineAgent({
  name: "job",
  version: "1.0.0",
  concurrency: 64,
  methods: {
    work: {
      input: z.object({ key: z.string(), ms: z.int() }),
      output: z.string(),
      idempotent: true,
      async run({ key, ms }, ctx) {
        // Synchronous: a line that is written is written, whatever kills the process next.
        appendFileSync(ledger, `start ${key} ${process.pid}\n`);
        await sleep(ms);
        appendFileSync(ledger, `end ${key} ${process.pid}\n`);
        return ctx.request.replica;
      },
    },
  },
});

const quiet = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet };
const mesh = await connect({ servers, logger: quiet, wait: true });
await mesh.serve(job);
process.on("SIGTERM", () => void mesh.close().then(() => process.exit(0)));

export interface NodeCommands {
  readonly [command: string]: (...args: never[]) => unknown;
  ready(): boolean;
}
serveParent({ ready: () => true } satisfies NodeCommands);
