import { setTimeout as sleep } from "node:timers/promises";

const STEP_MS = 10;

/** Begins calls at a rate, whatever becomes of those before. @returns how many have ended well, when all have ended */
export async function paced(
  call: (n: number) => Promise<unknown>,
  { perSecond, seconds }: { perSecond: number; seconds: number },
): Promise<number> {
  const began = performance.now();
  const calls: Promise<unknown>[] = [];
  for (;;) {
    const passedMs = performance.now() - began;
    const due = Math.floor((Math.min(passedMs, seconds * 1_000) / 1_000) * perSecond);
    while (calls.length < due) calls.push(call(calls.length));
    if (passedMs >= seconds * 1_000) break;
    await sleep(STEP_MS);
  }
  const ends = await Promise.allSettled(calls);
  return ends.filter(({ status }) => status === "fulfilled").length;
}
