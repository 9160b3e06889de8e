import { setTimeout as sleep } from "node:timers/promises";
import { connect, defineAgent } from "@shoal/mesh";
import { z } from "zod";
import { machineNow } from "../failover/machine-clock.ts";
import { quietLogger } from "../failover/quiet-logger.ts";
import { serveParent } from "../worker.ts";
import { HANDLER_MS, MAILBOX, SLOTS } from "./settings.ts";

/** A node that serves `job.work`, and remembers when it began what. */
const [servers = ""] = process.argv.slice(2);
const MOST = 1_000_000;
/** Made at once: what is measured is whether memory grows. */
const starts = new Float64Array(MOST).fill(0);
let started = 0;
let expiredStarted = 0;

const job = defineAgent({
  name: "job",
  version: "1.0.0",
  concurrency: SLOTS,
  mailbox: MAILBOX,
  methods: {
    work: {
      input: z.object({ id: z.int() }),
      output: z.int(),
      async run({ id }, ctx) {
        if (ctx.request.remainingMs <= 0 || ctx.signal.aborted) expiredStarted++;
        starts[started++ % MOST] = machineNow();
        await sleep(HANDLER_MS);
        return id;
      },
    },
  },
});

const mesh = await connect({ servers, logger: quietLogger });
const { id: replica } = await mesh.serve(job);

const commands = {
  replica: (): string => replica,
  /** Bytes that are alive, and that are resident, once the garbage is gone. */
  memory: (): { heap: number; rss: number } => {
    globalThis.gc?.();
    const { heapUsed: heap, rss } = process.memoryUsage();
    return { heap, rss };
  },
  history: (): { starts: number[]; expiredStarted: number } => ({
    starts: [...starts.subarray(0, Math.min(started, MOST))],
    expiredStarted,
  }),
};

export type NodeCommands = typeof commands;

serveParent(commands);
