import type { Roster } from "../race/roster.ts";
import type { Contender } from "./contender.ts";

/** Everyone in the race, by the name that `--only` and the rows use. */
export const roster = {
  "own-mux": {
    title: "bare own mux (limit)",
    load: async () => (await import("./contenders/own-mux.ts")).ownMux,
  },
  "nc-request": {
    title: "nc.request",
    load: async () => (await import("./contenders/nats-request.ts")).natsRequest,
  },
  "nc-request-no-traces": {
    title: "nc.request, noAsyncTraces",
    load: async () => (await import("./contenders/nats-request.ts")).natsRequestNoTraces,
  },
  "micro-service": {
    title: "nats micro service",
    load: async () => (await import("./contenders/micro-service.ts")).microService,
  },
  moleculer: {
    title: "Moleculer, JSON",
    load: async () => (await import("./contenders/moleculer.ts")).moleculer,
  },
  nest: { title: "NestJS", load: async () => (await import("./contenders/nest.ts")).nest },
  shoal: { title: "Shoal", load: async () => (await import("./contenders/shoal.ts")).shoal },
} as const satisfies Roster<Contender>;

export type ContenderName = keyof typeof roster;

export const contenderNames: readonly ContenderName[] = Object.keys(roster) as ContenderName[];
