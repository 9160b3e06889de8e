import type { Roster } from "../race/roster.ts";
import type { Contender } from "./contender.ts";

/** Everyone in the race, by the name that `--only` and the rows use. */
export const roster = {
  raw: {
    title: "raw publish, callback",
    load: async () => (await import("./contenders/raw.ts")).rawCallback,
  },
  "raw-iterator": {
    title: "raw publish, iterator",
    load: async () => (await import("./contenders/raw.ts")).rawIterator,
  },
  shoal: { title: "Shoal", load: async () => (await import("./contenders/shoal.ts")).shoal },
} as const satisfies Roster<Contender>;

export type ContenderName = keyof typeof roster;

export const contenderNames: readonly ContenderName[] = Object.keys(roster) as ContenderName[];
