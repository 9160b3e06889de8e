import type { Done, Job, Work } from "./job.ts";

/** How long a contender that has request timeouts waits for an answer; none is ever due. */
export const TIMEOUT_MS = 120_000;

/** One way to spread jobs over a pool of processes. Each process has an instance of its own. */
export interface Contender {
  /** Adds slots to the pool, each of which does one job at a time; resolves when jobs are routed to them. */
  serve(url: string, slots: number, work: Work): Promise<void>;
  /** Starts the side that asks, once the pool is there. */
  ask(url: string): Promise<Ask>;
}

/** Has a job done by the pool. */
export type Ask = (job: Job) => Promise<Done>;
