import { setTimeout as sleep } from "node:timers/promises";

/** Bytes that this process keeps, inside V8's heap and beside it, once the garbage is gone. Needs `--expose-gc`. */
export async function keptBytes(): Promise<number> {
  for (let pass = 0; pass < 3; pass++) {
    globalThis.gc?.();
    await sleep(100);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
