import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, defineAgent } from "@shoal/mesh";
import { z } from "zod";
import { serveParent } from "../worker.ts";
import { whenConnected } from "./connected.ts";
import { lineOf } from "./ledger.ts";
import { machineNow } from "./machine-clock.ts";
import { quietLogger } from "./quiet-logger.ts";

/** A node that serves `job.work` and writes what it has done into a ledger that outlives it. */
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
        await sleep(ms);
        // Synchronous: a line that is written is written, whatever kills the process next.
        appendFileSync(ledger, lineOf(key, { pid: process.pid, at: machineNow() }));
        return ctx.request.replica;
      },
    },
  },
});

const mesh = await connect({ servers, logger: quietLogger, wait: true });
await mesh.serve(job);
process.on("SIGTERM", () => void mesh.close().then(() => process.exit(0)));

const commands = { connected: () => whenConnected(mesh) };

export type NodeCommands = typeof commands;

serveParent(commands);
