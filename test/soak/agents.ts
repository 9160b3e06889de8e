import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { defineLlm } from "../../packages/agents/src/index.ts";
import { type Agent, defineContract } from "../../packages/mesh/src/index.ts";
import { cachedAgents } from "../../packages/mesh/test/support/cached-agents.ts";
import { type Surroundings, chaosAgents } from "../../packages/mesh/test/support/chaos-agents.ts";
import { pipelineAgents } from "../../packages/mesh/test/support/pipeline-agents.ts";
import { sessionAgents } from "../../packages/mesh/test/support/session-agents.ts";
import { supervisedAgents } from "../../packages/mesh/test/support/supervised-agents.ts";

/** What is stored is forgotten so soon that a short run, too, sees it go. */
export const KEPT_FOR = "20s";

const text = { input: z.string(), chunk: z.string(), idempotent: true };

/** A language model's agent, with conversations. */
export const writer = defineContract({ name: "writer", version: "1.0.0", methods: { prompt: text } });

/** Asks `gpt`, then `llama`, then says "sorry". */
export const assistant = defineContract({
  name: "assistant",
  version: "1.0.0",
  methods: { ask: { input: z.string(), output: z.string(), idempotent: true } },
});

/** Two stages of work for `job`. */
export const chain = defineContract({
  name: "chain",
  version: "1.0.0",
  methods: {
    run: { input: z.object({ n: z.int(), ms: z.number() }), output: z.unknown(), idempotent: true },
  },
});

/** All that a node serves. @param model address of what speaks as OpenAI's Chat Completions do */
export function soakAgents(model: string): Agent[] {
  const surroundings: Surroundings = {
    ran: () => {},
    wait: (ms, signal) => delay(ms, undefined, { signal }),
  };
  return [
    ...chaosAgents(surroundings),
    ...cachedAgents(surroundings),
    ...pipelineAgents(surroundings),
    ...sessionAgents(surroundings).map((agent) => ({
      ...agent,
      session: { ...agent.session, ttl: KEPT_FOR } as const,
    })),
    ...supervisedAgents("well", () => {}),
    ...supervisedAgents("supervisor", () => {}),
    defineLlm({
      name: writer.name,
      model: "openai::soak",
      session: { ttl: KEPT_FOR },
      providers: { openai: { baseURL: model } },
      env: { OPENAI_API_KEY: "none" },
    }),
  ];
}
