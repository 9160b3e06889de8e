/** Monotonic milliseconds, the same in all threads of a process: `performance.now()` begins anew in each. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1_000_000;
}
