import { appendFileSync } from "node:fs";
import { connect, defineAgent } from "@shoal/mesh";
import { z } from "zod";
import { whenConnected } from "../failover/connected.ts";
import { lineOf } from "../failover/ledger.ts";
import { machineNow } from "../failover/machine-clock.ts";
import { quietLogger } from "../failover/quiet-logger.ts";
import { serveParent } from "../worker.ts";
import { SLOTS } from "./settings.ts";

/** A node whose agent `job` takes tasks, and writes what it has done into a ledger, if there is one, that outlives it. */
const [servers = "", ledger = ""] = process.argv.slice(2);

const job = defineAgent({
  name: "job",
  version: "1.0.0",
  concurrency: SLOTS,
  methods: {
    work: {
      input: z.object({ n: z.int() }),
      output: z.int(),
      run({ n }, { request }) {
        // Synchronous: a line that is written is written, whatever kills the process next.
        if (ledger)
          appendFileSync(ledger, lineOf(`${n}@${request.replica}`, { pid: process.pid, at: machineNow() }));
        return n;
      },
    },
  },
});

const mesh = await connect({ servers, logger: quietLogger, wait: true, tasks: true, reconnectTimeWait: 100 });
await mesh.serve(job);

const commands = { connected: () => whenConnected(mesh) };

export type ShoalWorkerCommands = typeof commands;

serveParent(commands);
