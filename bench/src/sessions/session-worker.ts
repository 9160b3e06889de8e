import { setTimeout as sleep } from "node:timers/promises";
import { connect, defineAgent } from "@shoal/mesh";
import { z } from "zod";
import { serveParent } from "../worker.ts";

/** A node whose agent `counter` counts in each session. Its sessions rest as soon as nobody asks for them. */
const [servers = "", idle = "1000"] = process.argv.slice(2);
const mesh = await connect({ servers });

const counter = defineAgent({
  name: "counter",
  version: "1.0.0",
  concurrency: 256,
  mailbox: 10_000,
  session: {
    id: (input) => ("id" in input ? input.id : undefined),
    state: () => ({ count: 0, note: "what a conversation has in its state" }),
    idle: Number(idle),
  },
  methods: {
    count: {
      input: z.object({ id: z.string() }),
      output: z.int(),
      run: (_input, { session }) => ++session.state.count,
    },
    plain: { input: z.object({}), output: z.int(), run: () => 0 },
  },
});
const { id: replica } = await mesh.serve(counter);

const commands = {
  replica: (): string => replica,

  /** Bytes of the heap once the garbage is gone. */
  heap: async (): Promise<number> => {
    for (let pass = 0; pass < 3; pass++) {
      globalThis.gc?.();
      await sleep(100);
    }
    return process.memoryUsage().heapUsed;
  },
};

export type SessionWorkerCommands = typeof commands;

serveParent(commands);
