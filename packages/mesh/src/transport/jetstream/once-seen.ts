import { setTimeout as sleep } from "node:timers/promises";
import { insist } from "./insist.ts";
import { JETSTREAM_UNAVAILABLE, STREAM_NAME_IN_USE, STREAM_NOT_FOUND, apiErrorOf } from "./jet-error.ts";

/** Before each further try: 3 s in all. */
const AGAIN_AFTER_MS: readonly number[] = [100, 200, 400, 800, 1_600];
/** How servers answer that have not heard of a stream yet. The library makes one where it finds none: its name is in use. */
const UNSEEN: ReadonlySet<number> = new Set([STREAM_NOT_FOUND, STREAM_NAME_IN_USE, JETSTREAM_UNAVAILABLE]);

/**
 * Does something with a stream that has just been made, by this process or another: of several servers not each sees it at
 * once. What nobody answers is asked again, as by `insist`.
 * @param step that may be done twice
 */
export async function onceSeen<T>(
  step: () => Promise<T>,
  pause: (ms: number) => Promise<unknown> = sleep,
): Promise<T> {
  for (const after of AGAIN_AFTER_MS) {
    try {
      return await insist(step);
    } catch (error) {
      if (!UNSEEN.has(apiErrorOf(error)?.err_code ?? 0)) throw error;
    }
    await pause(after);
  }
  return insist(step);
}
