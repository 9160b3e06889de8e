import type { Worker } from "node:worker_threads";
import type { Context, Logger } from "@shoal/mesh";

/** A thread that is busy for less of the time waits, and does not compute. */
const COMPUTING = 0.5;

/**
 * Ends computations that nobody waits for any more. A handler that waits and does not heed its signal is let be: it
 * takes no processor, and ending it would end the others in its thread.
 *
 * B5: a handler that computes on for `graceMs` after its request has ended is ended with its thread.
 */
export class Overdue {
  private readonly worker: Worker;
  private readonly graceMs: number;
  private readonly kill: (why: string, log: Logger) => void;
  /** How to stop watching each. */
  private readonly watched = new Map<number, () => void>();

  constructor(worker: Worker, graceMs: number, kill: (why: string, log: Logger) => void) {
    this.worker = worker;
    this.graceMs = graceMs;
    this.kill = kill;
  }

  /** A handler runs. */
  watch(key: number, ctx: Context): void {
    let timer: NodeJS.Timeout | undefined;
    const wait = (): void => {
      const before = this.worker.performance.eventLoopUtilization();
      timer = setTimeout(() => {
        // B5
        if (this.worker.performance.eventLoopUtilization(before).utilization < COMPUTING) return wait();
        const { agent, method } = ctx.request;
        this.kill(`${agent}.${method} computed for ${this.graceMs} ms after its request had ended`, ctx.log);
      }, this.graceMs).unref();
    };
    ctx.signal.addEventListener("abort", wait, { once: true });
    this.watched.set(key, () => {
      clearTimeout(timer);
      ctx.signal.removeEventListener("abort", wait);
    });
  }

  /** It has returned. */
  forget(key: number): void {
    this.watched.get(key)?.();
    this.watched.delete(key);
  }
}
