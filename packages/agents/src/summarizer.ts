import { defineAgent } from "@shoal/mesh";
import { z } from "zod";
import { readDocument } from "./text/document.ts";
import { summarizeText } from "./text/summary.ts";

const input = z.object({
  text: z.string().min(1),
  sentences: z.int().min(1).max(20).default(3),
});
const output = z.object({ summary: z.string(), sentences: z.int(), words: z.int() });
const outlined = z.object({ text: z.string().min(1) });

/** Extractive summaries by LexRank (Erkan & Radev 2004): sentences of the text itself, the same every time. */
export const summarizer = defineAgent({
  name: "summarizer",
  version: "1.0.0",
  description: "Extractive summaries",
  defaultMethod: "summarize",
  methods: {
    summarize: {
      description: "The sentences that say most",
      input,
      output,
      idempotent: true,
      run: ({ text, sentences }) => summarizeText(text, { sentences }),
    },
    outline: {
      description: "The headings of a Markdown text, one by one",
      input: outlined,
      chunk: z.string(),
      idempotent: true,
      async *run({ text }) {
        yield* readDocument(text, { format: "markdown" }).headings;
      },
    },
  },
});
