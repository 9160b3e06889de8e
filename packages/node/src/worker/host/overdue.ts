import type { Worker } from "node:worker_threads";
import type { Context } from "@shoal/mesh";

/** A thread that is busy for less of the time waits, and does not compute. */
const COMPUTING = 0.5;

/**
 * Ends computations that nobody waits for any more. A handler that waits and does not heed its signal is let be: it
 * takes no processor. From outside a thread one sees that it computes, and not which of its handlers does: so nothing
 * is ended while somebody waits for any of them.
 *
 * B5: a thread that computes for `graceMs` in which no request of its handlers is open is ended with them.
 */
export class Overdue {
  private readonly worker: Worker;
  private readonly graceMs: number;
  private readonly kill: (culprits: readonly Context[]) => void;
  private readonly running = new Map<number, Context>();
  private timer: NodeJS.Timeout | undefined;

  /** @param kill is given the handlers of which one, at least, computes */
  constructor(worker: Worker, graceMs: number, kill: (culprits: readonly Context[]) => void) {
    this.worker = worker;
    this.graceMs = graceMs;
    this.kill = kill;
  }

  /** A handler runs. */
  watch(key: number, ctx: Context): void {
    this.running.set(key, ctx);
    ctx.signal.addEventListener("abort", this.look);
    this.look();
  }

  /** It has returned. */
  forget(key: number): void {
    this.running.get(key)?.signal.removeEventListener("abort", this.look);
    this.running.delete(key);
    this.look();
  }

  /** Watches anew: whatever was computed until now may have been done by a handler that is gone, or was waited for. */
  private readonly look = (): void => {
    clearTimeout(this.timer);
    const all = [...this.running.values()];
    if (all.length === 0 || all.some(({ signal }) => !signal.aborted)) return;
    const before = this.worker.performance.eventLoopUtilization();
    this.timer = setTimeout(() => {
      // B5
      if (this.worker.performance.eventLoopUtilization(before).utilization < COMPUTING) this.look();
      else this.kill(all);
    }, this.graceMs).unref();
  };
}
