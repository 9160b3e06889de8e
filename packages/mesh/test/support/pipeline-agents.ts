import { z } from "zod";
import { type Agent, methodOf, pipeline } from "../../src/index.ts";
import { job, type Surroundings } from "./chaos-agents.ts";

interface Done {
  readonly n: number;
}

/** Has `job` work twice, one after the other, and says of each item that it has begun. */
export function pipelineAgents({ ran }: Surroundings): Agent[] {
  const chain = pipeline({ name: "chain", input: z.object({ n: z.int(), ms: z.number() }), idempotent: true })
    .stage("begin", (input, { request }) => {
      const { idempotencyKey: key, replica, attempt } = request;
      ran({ method: "chain.run", key, replica, attempt });
      return input;
    })
    .stage("first", methodOf(job, "work"))
    .stage("second", methodOf(job, "work", { take: ({ n }: Done) => ({ n: n + 1, ms: 300 }) }))
    .stage("tell", ({ n }) => n)
    .build();
  return [chain] as Agent[];
}
