import type { Actor } from "../actor/actor.ts";

/** The agents of this very process. */
export interface Host {
  /** An actor that may take a call without the network. */
  free(agent: string): Actor | undefined;
  /** A replica that has left its pool, because the process drains, and still serves what is left of its work. */
  leaving(agent: string): string | undefined;
}
