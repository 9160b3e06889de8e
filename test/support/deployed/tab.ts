import { defineAgent } from "@shoal/mesh";
import { z } from "zod";

/** What somebody's own agent does on a deployed node: conversations, streams, long work, large results. */
export const tab = defineAgent({
  name: "tab",
  version: "1.0.0",
  concurrency: 64,
  session: { state: () => ({ had: [] as string[] }) },
  methods: {
    /** Twice the same is once. */
    add: {
      input: z.string(),
      output: z.array(z.string()),
      idempotent: true,
      run(what, { session: { state } }) {
        if (!state.had.includes(what)) state.had.push(what);
        return state.had;
      },
    },
    /** Doubles a number after some milliseconds. */
    double: {
      input: z.object({ n: z.int(), ms: z.number().default(0) }),
      output: z.int(),
      idempotent: true,
      async run({ n, ms }, { signal }) {
        await new Promise<void>((resolve, reject) => {
          const timer = setTimeout(resolve, ms);
          signal.addEventListener("abort", () => {
            clearTimeout(timer);
            reject(signal.reason as Error);
          });
        });
        return n * 2;
      },
    },
    count: {
      input: z.int(),
      chunk: z.int(),
      async *run(to) {
        for (let i = 0; i < to; i++) yield i;
      },
    },
    large: { input: z.int(), output: z.string(), run: (length) => "x".repeat(length) },
  },
});
