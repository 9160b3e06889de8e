import type { Call } from "./contender.ts";
import { Samples } from "./samples.ts";

/** What a closed loop saw inside its window. */
export interface Observed {
  readonly requests: number;
  readonly seconds: number;
  readonly latenciesUs: Float64Array;
}

/** When to measure, and what to do at the edges of the window. */
export interface Window {
  readonly warmupSeconds: number;
  readonly seconds: number;
  onOpen(): void;
  onClose(): void;
}

/**
 * Keeps `concurrency` calls under way, each starting when one ends, and counts those that end inside the window.
 * Resolves when the last call has ended, so that nothing spills into the next measurement.
 * Rejects with the first failure: a figure that hides failures is worth nothing.
 */
export function closedLoop(call: Call, concurrency: number, window: Window): Promise<Observed> {
  const { promise, resolve, reject } = Promise.withResolvers<Observed>();
  const latencies = new Samples();
  const openAt = performance.now() + window.warmupSeconds * 1_000;
  let opened = Infinity;
  let closed: number | undefined;
  let underWay = 0;

  const observe = (now: number, latencyMs: number): void => {
    if (opened === Infinity) {
      if (now < openAt) return;
      window.onOpen();
      opened = performance.now();
      return;
    }
    latencies.push(latencyMs * 1_000);
    if (now - opened < window.seconds * 1_000) return;
    closed = now;
    window.onClose();
  };

  const start = (): void => {
    const sent = performance.now();
    underWay++;
    call((failure) => {
      underWay--;
      const now = performance.now();
      if (failure !== undefined) {
        closed ??= now;
        reject(failure);
      }
      if (closed === undefined) observe(now, now - sent);
      if (closed === undefined) start();
      else if (underWay === 0) {
        const latenciesUs = latencies.values();
        resolve({ requests: latenciesUs.length, seconds: (closed - opened) / 1_000, latenciesUs });
      }
    });
  };

  for (let slot = 0; slot < concurrency; slot++) start();
  return promise;
}
