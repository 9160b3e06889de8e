import { decorrelatedJitterGenerator } from "cockatiel";
import type { Retry } from "./options.ts";

/** The waits between attempts, one after the other, in milliseconds. */
export function retryDelays(
  { backoffMs, factor, maxBackoffMs, jitter }: Retry,
  random: () => number = Math.random,
): () => number {
  if (jitter === "decorrelated") {
    let state: [number, number] | undefined;
    return () => {
      const [delay, next] = decorrelatedJitterGenerator(state, {
        generator: decorrelatedJitterGenerator,
        initialDelay: backoffMs,
        maxDelay: maxBackoffMs,
        maxAttempts: Infinity,
        exponent: factor,
      } as never);
      state = next;
      return delay;
    };
  }
  let retries = 0;
  return () => {
    const delay = Math.min(maxBackoffMs, backoffMs * factor ** retries++);
    return jitter === "full" ? delay * random() : delay;
  };
}
