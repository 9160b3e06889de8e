import { setTimeout as sleep } from "node:timers/promises";
import { connect, defineAgent } from "@shoal/mesh";
import { z } from "zod";
import { serveParent } from "../worker.ts";

/** A node whose agents do as little as there is to do: what they cost is the mesh's own. */
const [servers = ""] = process.argv.slice(2);
const mesh = await connect({ servers, tasks: true });

const text = { input: z.string(), output: z.string(), idempotent: true };

const echo = defineAgent({
  name: "echo",
  version: "1.0.0",
  concurrency: 64,
  methods: {
    say: { ...text, run: (said) => said },
    wait: {
      ...text,
      async run(said, { signal }) {
        await sleep(1_000, undefined, { signal });
        return said;
      },
    },
    tell: {
      input: z.object({ chunks: z.int(), chunk: z.string() }),
      chunk: z.string(),
      async *run({ chunks, chunk }) {
        for (let n = 0; n < chunks; n++) yield chunk;
      },
    },
  },
});

const chat = defineAgent({
  name: "chat",
  version: "1.0.0",
  concurrency: 64,
  session: { state: () => ({ last: "", count: 0 }) },
  methods: {
    say: {
      ...text,
      run(said, { session }) {
        session.state.last = said;
        session.state.count++;
        return said;
      },
    },
  },
});

const commands = {
  serve: async (): Promise<void> => {
    await mesh.serve(echo);
    await mesh.serve(chat);
  },
};

export type CapacityCommands = typeof commands;

serveParent(commands);
