import type { Contender } from "./contender.ts";

interface Entry {
  /** How people read it. */
  readonly title: string;
  /** Loaded in its own processes alone, so that no contender carries another's weight. */
  readonly load: () => Promise<Contender>;
}

/** Everyone who runs a pool, by the name that `--only` and the rows use. */
export const roster = {
  "queue-group": {
    title: "NATS queue group",
    load: async () => (await import("./contenders/queue-group.ts")).queueGroup,
  },
  moleculer: {
    title: "Moleculer",
    load: async () => (await import("./contenders/moleculer.ts")).moleculer,
  },
  "moleculer-queue": {
    title: "Moleculer, queue groups",
    load: async () => (await import("./contenders/moleculer.ts")).moleculerQueue,
  },
  jetstream: {
    title: "JetStream work queue",
    load: async () => (await import("./contenders/jetstream.ts")).jetstream,
  },
  shoal: { title: "Shoal", load: async () => (await import("./contenders/shoal.ts")).shoal },
  "shoal-plain": {
    title: "Shoal, asked by plain NATS",
    load: async () => (await import("./contenders/shoal.ts")).shoalPlain,
  },
} as const satisfies Readonly<Record<string, Entry>>;

export type ContenderName = keyof typeof roster;

export const contenderNames: readonly ContenderName[] = Object.keys(roster) as ContenderName[];
