import { z } from "zod";
import { type Agent, defineContract, implement } from "../../src/index.ts";
import type { Surroundings } from "./chaos-agents.ts";

/** Keeps its answers together with the other replicas of its pool. */
export const model = defineContract({
  name: "model",
  version: "1.0.0",
  methods: {
    ask: {
      input: z.object({ q: z.string(), ms: z.number().default(0) }),
      output: z.object({ q: z.string(), by: z.string() }),
      idempotent: true,
      cache: { ttl: "60s", shared: true },
    },
  },
});

export function cachedAgents({ ran, wait }: Surroundings): Agent[] {
  const agent = implement(model, {
    concurrency: 8,
    methods: {
      async ask({ q, ms }, { request, signal }) {
        const { idempotencyKey: key, replica, attempt } = request;
        ran({ method: "model.ask", key, replica, attempt });
        if (ms > 0) await wait(ms, signal);
        return { q, by: replica };
      },
    },
  });
  return [agent];
}
