import { defineAgent } from "@shoal/mesh";
import { z } from "zod";
import { extractKeywords } from "./text/keywords.ts";

const input = z.object({
  text: z.string().min(1),
  limit: z.int().min(1).max(100).default(8),
});
const output = z.object({ keywords: z.array(z.object({ phrase: z.string(), score: z.number() })) });

/** Key phrases by RAKE (Rose et al. 2010), the same every time. */
export const keywords = defineAgent({
  name: "keywords",
  version: "1.0.0",
  description: "Key phrases of a text",
  methods: {
    extract: {
      description: "The phrases that a text is about, best first",
      input,
      output,
      idempotent: true,
      run: ({ text, limit }) => ({ keywords: extractKeywords(text, { limit }).map((each) => ({ ...each })) }),
    },
  },
});
