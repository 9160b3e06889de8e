import type { Roster } from "../race/roster.ts";
import type { Contender } from "./contender.ts";

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
} as const satisfies Roster<Contender>;

export type ContenderName = keyof typeof roster;

export const contenderNames: readonly ContenderName[] = Object.keys(roster) as ContenderName[];
