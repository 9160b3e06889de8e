import type { Clock } from "../clock.ts";
import { MeshError } from "../errors.ts";

export interface HedgeRace<T> {
  clock: Clock;
  /** Starts an attempt; it must end soon after its signal fires. */
  start: (signal: AbortSignal) => Promise<T>;
  afterMs: number;
  /** Extra attempts. */
  max: number;
  /** Asked before each extra attempt; false puts it off. */
  isReady: () => boolean;
  /** Asked then; false keeps to those that run. */
  mayJoin: () => boolean;
}

/** How soon to look again whether an extra attempt that was put off is to begin. */
const LOOK_AGAIN_MS = 10;

/**
 * Starts an attempt, and further ones while it takes long. The first to succeed wins, and the others are cancelled.
 * Rejects when all that were started have failed.
 */
export function hedged<T>({ clock, start, afterMs, max, isReady, mayJoin }: HedgeRace<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const running = new Set<AbortController>();
    let extra = 0;
    let stopTimer = (): void => {};
    const launch = (): void => {
      const controller = new AbortController();
      running.add(controller);
      start(controller.signal).then(
        (value) => {
          stopTimer();
          running.delete(controller);
          for (const loser of running) loser.abort(new MeshError("cancelled", "another attempt was faster."));
          running.clear();
          resolve(value);
        },
        (error: unknown) => {
          running.delete(controller);
          if (running.size > 0) return;
          stopTimer();
          reject(error);
        },
      );
      if (extra < max) stopTimer = clock.after(afterMs, join);
    };
    const join = (): void => {
      if (!isReady()) return void (stopTimer = clock.after(LOOK_AGAIN_MS, join));
      if (!mayJoin()) return;
      extra++;
      launch();
    };
    launch();
  });
}
