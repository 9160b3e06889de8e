import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { type Agent, defineAgent } from "../../src/index.ts";
import type { Told } from "./member-process.ts";

/** Agents that show what the tests look for. */
export function memberAgents(tell: (message: Told) => void): Agent[] {
  const worker = defineAgent({
    name: "worker",
    version: "1.0.0",
    description: "Works for a while",
    concurrency: 4,
    methods: {
      work: {
        input: z.object({ n: z.int(), ms: z.number().default(0) }),
        output: z.object({ n: z.int(), by: z.string() }),
        description: "Gives the number back, after a while",
        async run({ n, ms }, ctx) {
          if (ms > 0) await delay(ms);
          return { n, by: ctx.request.replica };
        },
      },
    },
  });
  const echo = defineAgent({
    name: "echo",
    version: "1.0.0",
    methods: { say: { input: z.string(), output: z.string(), run: (text) => text } },
  });
  const producer = defineAgent({
    name: "producer",
    version: "1.0.0",
    concurrency: 4,
    methods: {
      count: { input: z.object({ to: z.int() }), chunk: z.int(), run: ({ to }) => count(to) },
      ticks: {
        input: z.unknown(),
        chunk: z.number(),
        async *run(_input, ctx) {
          ctx.signal.addEventListener("abort", () => tell({ type: "cancelled", at: Date.now() }));
          for (;;) {
            yield Date.now();
            await delay(1);
          }
        },
      },
      memory: {
        input: z.unknown(),
        output: z.number(),
        run() {
          globalThis.gc?.();
          return process.memoryUsage().heapUsed;
        },
      },
    },
  });
  return [worker, echo, producer];
}

function* count(to: number): Generator<number> {
  for (let i = 0; i < to; i++) yield i;
}
