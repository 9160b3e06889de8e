import type { ContenderName } from "./contender-name.ts";
import type { Contender } from "./contender.ts";

/** Everyone who runs a pool. Loaded in its own processes alone, so that no contender carries another's weight. */
export const roster: Readonly<Record<ContenderName, () => Promise<Contender>>> = {
  "queue-group": async () => (await import("./contenders/queue-group.ts")).queueGroup,
  moleculer: async () => (await import("./contenders/moleculer.ts")).moleculer,
  "moleculer-queue": async () => (await import("./contenders/moleculer.ts")).moleculerQueue,
  jetstream: async () => (await import("./contenders/jetstream.ts")).jetstream,
  shoal: async () => (await import("./contenders/shoal.ts")).shoal,
  "shoal-plain": async () => (await import("./contenders/shoal.ts")).shoalPlain,
};
