/** One piece of work on its way to a pool. */
export interface Job {
  /** Counts from 0 in each trial. */
  readonly id: number;
  /** How long to hold the slot, milliseconds: drawn by whoever sends it, so that all contenders do the same work. */
  readonly ms: number;
}

/** What comes back. */
export interface Done {
  readonly id: number;
  /** How long the slot was really held, milliseconds. */
  readonly tookMs: number;
}

/** Does the work. A contender calls it when a slot is free, and never before. */
export type Work = (job: Job) => Promise<Done>;
