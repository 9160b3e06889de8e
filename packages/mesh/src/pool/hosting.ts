import { type Duration, toMs } from "../duration.ts";
import type { Replica } from "./replica.ts";

/** A replica, for whoever asked for it. */
export interface Hosting {
  readonly agent: string;
  /** The replica's id. */
  readonly id: string;
  /** Requests waiting and running now, and how many may run at once: what its policy has found, if it has one. */
  readonly load: { waiting: number; running: number; slots: number };
  /** It is in its pool: it has not been stopped, nor given up. */
  readonly serves: boolean;
  /** Leaves the pool, finishes what is here, stops. What is not done by then is told so. Default 25 s. */
  stop(options?: { timeout?: Duration }): Promise<void>;
}

export const DRAIN_TIMEOUT = "25s";

export function hostingOf(replica: Replica, stop: (timeoutMs: number) => Promise<void>): Hosting {
  return {
    agent: replica.actor.name,
    id: replica.id,
    get load() {
      const { waiting, inFlight, slots } = replica.actor;
      return { waiting, running: inFlight, slots };
    },
    get serves() {
      return replica.serves;
    },
    stop: async ({ timeout = DRAIN_TIMEOUT } = {}) => stop(toMs(timeout, "timeout")),
  };
}
