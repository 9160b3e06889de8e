import type { Clock } from "../clock.ts";

/** False when the signal fired meanwhile. */
export function sleep(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<boolean> {
  if (signal?.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const wake = (): void => {
      stop();
      signal?.removeEventListener("abort", wake);
      resolve(!signal?.aborted);
    };
    const stop = clock.after(ms, wake);
    signal?.addEventListener("abort", wake);
  });
}
