/** Everyone who runs a pool, by the name that `--only` and the rows use, as people read it. */
export const field = {
  "queue-group": { title: "NATS queue group" },
  moleculer: { title: "Moleculer" },
  "moleculer-queue": { title: "Moleculer, queue groups" },
  jetstream: { title: "JetStream work queue" },
  shoal: { title: "Shoal" },
  "shoal-plain": { title: "Shoal, asked by plain NATS" },
} as const;

export type ContenderName = keyof typeof field;

export const contenderNames: readonly ContenderName[] = Object.keys(field) as ContenderName[];
