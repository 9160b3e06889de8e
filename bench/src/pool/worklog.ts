import type { Done, Job } from "./job.ts";

/** Does jobs by waiting, and remembers which. */
export class Worklog {
  private ids: number[] = [];

  /**
   * Waits by a timer, which is up to 1 ms early or late: four processes that spin on two cores would measure the
   * scheduler. What it took travels back, and the ideal queue is given the same.
   */
  readonly work = async ({ id, ms }: Job): Promise<Done> => {
    const began = performance.now();
    // Node cuts the fraction off.
    await new Promise((resolve) => setTimeout(resolve, Math.round(ms)));
    this.ids.push(id);
    return { id, tookMs: performance.now() - began };
  };

  /** The jobs done since the last time, in the order in which they were finished. */
  take(): number[] {
    const taken = this.ids;
    this.ids = [];
    return taken;
  }
}
