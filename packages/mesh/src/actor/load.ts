import type { Job } from "./job.ts";

/** How many requests of each method are in an actor. */
export interface Load {
  readonly waiting: Readonly<Record<string, number>>;
  readonly running: Readonly<Record<string, number>>;
  /** Their requests have ended, and their handlers still run. */
  readonly ended: Readonly<Record<string, number>>;
}

export function loadOf(waiting: Iterable<Job>, running: Iterable<Job>): Load {
  const load = { waiting: {}, running: {}, ended: {} };
  for (const job of waiting) add(load.waiting, job);
  for (const job of running) add(job.ended ? load.ended : load.running, job);
  return load;
}

function add(counts: Record<string, number>, { method }: Job): void {
  counts[method.name] = (counts[method.name] ?? 0) + 1;
}
