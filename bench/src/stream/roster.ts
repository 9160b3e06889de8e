import type { Contender } from "./contender.ts";

interface Entry {
  /** How people read it. */
  readonly title: string;
  /** Loaded in its own processes alone. */
  readonly load: () => Promise<Contender>;
}

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
} as const satisfies Readonly<Record<string, Entry>>;

export type ContenderName = keyof typeof roster;

export const contenderNames: readonly ContenderName[] = Object.keys(roster) as ContenderName[];
