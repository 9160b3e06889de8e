import MiniSearch from "minisearch";
import type { Remembered, SearchOptions } from "./memory.ts";

const DEFAULT_LIMIT = 10;
/** A word of four letters or more may have a letter that is wrong. */
const FUZZY = 0.2;
const LEAST_FUZZY_LETTERS = 4;

/** What of these entries has most to do with a query: by BM25+, where the beginning of a word is enough. */
export function recall(
  entries: Iterable<readonly [key: string, value: unknown]>,
  query: string,
  { limit = DEFAULT_LIMIT }: SearchOptions = {},
): Remembered[] {
  const found: Omit<Remembered, "score">[] = [];
  for (const [key, value] of entries)
    if (Array.isArray(value)) value.forEach((item, index) => found.push({ key, value: item, index }));
    else found.push({ key, value, index: undefined });
  const index = new MiniSearch({
    fields: ["key", "text"],
    searchOptions: {
      prefix: true,
      fuzzy: (term) => (term.length >= LEAST_FUZZY_LETTERS ? FUZZY : false),
    },
  });
  index.addAll(found.map(({ key, value }, id) => ({ id, key, text: textIn(value) })));
  return index
    .search(query)
    .slice(0, limit)
    .flatMap(({ id, score }) => {
      const one = found[id as number];
      return one ? [{ ...one, score }] : [];
    });
}

/** All text in a value, names of fields left out. */
function textIn(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return "";
  return Object.values(value).map(textIn).join(" ");
}
