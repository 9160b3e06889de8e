import type { Clock } from "../clock.ts";
import { MeshError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { passed } from "../within.ts";
import type { Shelves } from "./shelves.ts";

/** Where NATS has JetStream, and that does not answer yet. */
const OPEN_TRIES = 10;
const OPEN_AGAIN_MS = 1_000;

export interface OwnShelvesParts {
  /** A node goes on without them where they cannot be made. */
  readonly areOptional: boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The shelves that a node takes its tasks from. */
export class OwnShelves {
  private shelves: Shelves | undefined;
  private readonly parts: OwnShelvesParts;

  /** @param shelves undefined for a node that takes no tasks */
  constructor(shelves: Shelves | undefined, parts: OwnShelvesParts) {
    this.shelves = shelves;
    this.parts = parts;
  }

  /** Undefined where it takes no tasks, or can take none. */
  get taken(): Shelves | undefined {
    return this.shelves;
  }

  /** Makes what is missing. @throws MeshError why it cannot, unless they are optional */
  async open(): Promise<void> {
    const { areOptional, clock, log } = this.parts;
    for (let tries = 1; this.shelves; tries++) {
      try {
        return await this.shelves.open();
      } catch (error) {
        if (!areOptional || !(error instanceof MeshError)) throw error;
        // A cluster may have no leader yet.
        if (error.retryable && tries < OPEN_TRIES) await passed(clock, OPEN_AGAIN_MS);
        else {
          this.shelves = undefined;
          log.warn({ reason: error.message }, "this node takes no durable tasks");
        }
      }
    }
  }
}
