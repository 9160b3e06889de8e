import type { Job } from "./job.ts";

/** Requests that wait for an answer which is looked for, or made for another: in no mailbox, and as bounded. */
export class Askers {
  private readonly jobs = new Set<Job>();
  private readonly most: number;
  private readonly mostBytes: number;
  private bytes = 0;

  constructor(most: number, mostBytes: number) {
    this.most = most;
    this.mostBytes = mostBytes;
  }

  get size(): number {
    return this.jobs.size;
  }

  [Symbol.iterator](): Iterator<Job> {
    return this.jobs.values();
  }

  /** False when there is no place for it. */
  add(job: Job): boolean {
    if (this.jobs.has(job)) return true;
    // K14
    if (this.jobs.size >= this.most || this.bytes + job.bytes > this.mostBytes) return false;
    this.jobs.add(job);
    this.bytes += job.bytes;
    return true;
  }

  /** Does nothing when it is not there. */
  remove(job: Job): void {
    if (this.jobs.delete(job)) this.bytes -= job.bytes;
  }

  /** All of them: whoever takes them ends them. */
  takeAll(): Job[] {
    const all = [...this.jobs];
    this.jobs.clear();
    this.bytes = 0;
    return all;
  }
}
