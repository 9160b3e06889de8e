import { defineAgent } from "@shoal/mesh";
import { z } from "zod";
import { readDocument } from "./text/document.ts";

const input = z.object({
  /** The document's source. */
  source: z.string(),
  format: z.enum(["markdown", "text"]).default("markdown"),
});
const output = z.object({
  /** Null when the document names none. */
  title: z.string().nullable(),
  text: z.string(),
  words: z.int(),
  headings: z.array(z.string()),
});

/** Turns Markdown into the plain text, the title and the headings that it holds. */
export const reader = defineAgent({
  name: "reader",
  version: "1.0.0",
  description: "Reads Markdown and text documents",
  methods: {
    read: {
      description: "Plain text, title and headings of a document",
      input,
      output,
      idempotent: true,
      run: ({ source, format }) => {
        const { title, text, words, headings } = readDocument(source, { format });
        return { title, text, words, headings: [...headings] };
      },
    },
  },
});
