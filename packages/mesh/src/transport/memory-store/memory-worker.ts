import type { Delivery, QueueWorker, WorkerOptions } from "../store.ts";
import { subjectMatches } from "../subject-match.ts";

/** Somebody who works on a queue in memory. */
export class MemoryWorker implements QueueWorker {
  readonly ackWaitMs: number;
  private readonly options: WorkerOptions;
  private readonly onPull: () => void;
  private readonly onStop: () => void;
  private wanted = 0;

  constructor(options: WorkerOptions, onPull: () => void, onStop: () => void) {
    this.options = options;
    this.ackWaitMs = options.ackWaitMs;
    this.onPull = onPull;
    this.onStop = onStop;
  }

  pull(count: number): void {
    this.wanted += count;
    // As over the network: not in this turn.
    setImmediate(this.onPull);
  }

  stop(): Promise<void> {
    this.wanted = 0;
    this.onStop();
    return Promise.resolve();
  }

  wants(subject: string): boolean {
    return this.wanted > 0 && this.options.subjects.some((each) => subjectMatches(each, subject));
  }

  take(delivery: Delivery): void {
    this.wanted--;
    setImmediate(() => this.options.onMessage(delivery));
  }
}
