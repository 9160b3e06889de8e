import { defineAgent, methodOf, pipeline } from "@shoal/mesh";
import { z } from "zod";

const counts = z.record(z.string(), z.int());
type Counts = z.infer<typeof counts>;

/** Counts the words of one page. Serve it as often as you like: each replica takes a page when it is free. */
export const counter = defineAgent({
  name: "counter",
  version: "1.0.0",
  methods: {
    count: {
      input: z.string(),
      output: counts,
      idempotent: true,
      run(page) {
        const found: Counts = {};
        for (const [word] of page.toLowerCase().matchAll(/\p{L}+/gu)) found[word] = (found[word] ?? 0) + 1;
        return found;
      },
    },
  },
});

const PAGE = 2_000;
const TOP = 10;

/** The words that a text has most: cut into pages, counted by the pool, and added up. */
export const topWords = pipeline({ name: "top-words", input: z.string().min(1) })
  .stage("cut", pagesOf)
  // A page whose replica dies goes to another; 8 are under way at once.
  .map("count", methodOf(counter, "count"), { concurrency: 8, timeout: "10s", retry: 3 })
  .stage("reduce", (all) => top(all.reduce(sum, {})), { idempotent: true })
  .build();

/** Cut where a line ends. */
function pagesOf(text: string): string[] {
  const pages = [""];
  for (const line of text.split("\n")) {
    if ((pages.at(-1) ?? "").length + line.length > PAGE) pages.push("");
    pages[pages.length - 1] += `${line}\n`;
  }
  return pages;
}

function sum(total: Counts, page: Counts): Counts {
  for (const [word, count] of Object.entries(page)) total[word] = (total[word] ?? 0) + count;
  return total;
}

function top(total: Counts): { word: string; count: number }[] {
  return Object.entries(total)
    .map(([word, count]) => ({ word, count }))
    .sort((a, b) => b.count - a.count || (a.word < b.word ? -1 : 1))
    .slice(0, TOP);
}
