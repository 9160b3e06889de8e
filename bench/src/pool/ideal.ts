/**
 * The latency of each job, milliseconds, in the queue that no pool can beat without knowing how long jobs take: one line,
 * first come first served, whoever is free takes the next, and nothing costs time but the work.
 * @param arrivalsMs ascending
 * @param serviceMs of each job in the same order
 * @param slots how many work at once
 */
export function idealLatencies(
  arrivalsMs: readonly number[],
  serviceMs: readonly number[],
  slots: number,
): number[] {
  const freeAt = new Array<number>(slots).fill(-Infinity);
  return arrivalsMs.map((arrival, job) => {
    const slot = soonest(freeAt);
    const end = Math.max(arrival, freeAt[slot] ?? NaN) + (serviceMs[job] ?? NaN);
    freeAt[slot] = end;
    return end - arrival;
  });
}

function soonest(freeAt: readonly number[]): number {
  let best = 0;
  for (let slot = 1; slot < freeAt.length; slot++) {
    if ((freeAt[slot] as number) < (freeAt[best] as number)) best = slot;
  }
  return best;
}
