import { inspect } from "node:util";

/** Characters that fit into a line of a log, and into a pipe that nobody reads. */
const LONGEST = 1_000;

/** What anything that was thrown says, in 1,000 characters at most. Never throws. */
export function wordsOf(thrown: unknown): string {
  try {
    const said: unknown = thrown instanceof Error ? thrown.message || thrown.name : thrown;
    const words = typeof said === "string" ? said : inspect(said, { depth: 1, breakLength: Infinity });
    return words.length > LONGEST ? `${words.slice(0, LONGEST)}…` : words;
  } catch {
    return `a thrown ${typeof thrown}`;
  }
}
