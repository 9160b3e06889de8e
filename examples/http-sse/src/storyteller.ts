import { setTimeout as sleep } from "node:timers/promises";
import { implement } from "@shoal/mesh";
import { storyteller as contract } from "./storyteller.contract.ts";

const WORD_MS = 60;

/** Stands for a language model: it answers word by word, and stops when nobody listens any more. */
export const storyteller = implement(contract, {
  concurrency: 32,
  methods: {
    async *tell({ about }, ctx) {
      for (const word of storyAbout(about).match(/\S+\s*/g) ?? []) {
        await sleep(WORD_MS, undefined, { signal: ctx.signal });
        yield word;
      }
    },
  },
});

function storyAbout(about: string): string {
  return `Once there was ${about}, alone in a wide sea. It called, and one small fish answered. Then came another, and ten \
more, and soon a whole shoal swam around ${about}, turning as one. When a net fell, the shoal parted and closed again \
behind it, and nobody was lost. And if they have not been caught, they swim there still.`;
}
