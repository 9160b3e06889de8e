import type { Clock } from "../clock.ts";
import { type Concurrency } from "../limit/concurrency.ts";
import { Limiter } from "../limit/limiter.ts";
import { type Sign } from "../limit/overload.ts";
import { asMeshError } from "../protocol/failure.ts";

/** Room in a stage: items enter in the order in which they come, and wait while it is full. */
export class StageSlots {
  running = 0;
  private readonly limiter: Limiter | undefined;
  private readonly clock: Pick<Clock, "now">;
  private readonly line = new Set<() => void>();

  /** @param concurrency undefined for no limit */
  constructor(clock: Pick<Clock, "now">, concurrency: Concurrency | undefined) {
    this.clock = clock;
    this.limiter = concurrency === undefined ? undefined : new Limiter(concurrency);
  }

  get waiting(): number {
    return this.line.size;
  }

  /** Undefined when there was room, which is taken then. Rejects with the signal's reason, and takes none. */
  enter(signal: AbortSignal): Promise<void> | undefined {
    // Nobody waits while there is room.
    if (this.hasRoom) {
      this.running++;
      return undefined;
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.line.delete(begin);
        reject(asMeshError(signal.reason));
      };
      const begin = (): void => {
        signal.removeEventListener("abort", leave);
        this.running++;
        resolve();
      };
      if (signal.aborted) return leave();
      this.line.add(begin);
      signal.addEventListener("abort", leave);
    });
  }

  /** One that has entered is done. */
  leave(startedAt: number, sign: Sign): void {
    this.limiter?.record(startedAt, this.clock.now(), this.running, sign);
    this.running--;
    for (const begin of this.line) {
      if (!this.hasRoom) return;
      this.line.delete(begin);
      begin();
    }
  }

  private get hasRoom(): boolean {
    return this.running < (this.limiter?.slots ?? Infinity);
  }
}
