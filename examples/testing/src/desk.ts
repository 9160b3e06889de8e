import { MeshError, defineAgent } from "@shoal/mesh";
import { z } from "zod";
import { search } from "./contracts.ts";
import { createWriter } from "./writer.ts";

const writer = createWriter().contract;
const question = z.object({ question: z.string().min(1) });

/** Answers questions from what the search finds, and names the pages. */
export const desk = defineAgent({
  name: "desk",
  version: "1.0.0",
  concurrency: 8,
  methods: {
    ask: {
      input: question,
      output: z.object({ answer: z.string(), pages: z.array(z.string()) }),
      idempotent: true,
      timeout: "15s",
      async run({ question }, ctx) {
        const found = await ctx.agent(search).find({ query: question });
        if (found.length === 0) throw new MeshError("not_found", `nothing is known of "${question}".`);
        const answer = await ctx.agent(writer).prompt({ text: promptOf(question, found) });
        return { answer, pages: found.map(({ page }) => page) };
      },
    },
    tell: {
      input: question,
      chunk: z.string(),
      async *run({ question }, ctx) {
        const found = await ctx.agent(search).find({ query: question });
        yield* ctx.agent(writer).tell({ text: promptOf(question, found) });
      },
    },
  },
});

function promptOf(question: string, found: readonly { text: string }[]): string {
  return [question, ...found.map(({ text }) => `- ${text}`)].join("\n");
}
