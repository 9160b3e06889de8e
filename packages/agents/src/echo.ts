import { setTimeout as sleep } from "node:timers/promises";
import { defineAgent } from "@shoal/mesh";
import { z } from "zod";

/** Says what it hears: for a first try, and for measuring the mesh itself. */
export const echo = defineAgent({
  name: "echo",
  version: "1.0.0",
  description: "Says what it hears",
  concurrency: 64,
  defaultMethod: "say",
  methods: {
    say: {
      description: "The same text",
      input: z.string(),
      output: z.string(),
      idempotent: true,
      run: (text) => text,
    },
    words: {
      description: "The same text as a stream, word by word",
      input: z.object({ text: z.string(), everyMs: z.int().min(0).max(10_000).default(50) }),
      chunk: z.string(),
      async *run({ text, everyMs }, ctx) {
        for (const word of text.match(/\S+\s*/g) ?? []) {
          yield word;
          await sleep(everyMs, undefined, { signal: ctx.signal });
        }
      },
    },
  },
});
