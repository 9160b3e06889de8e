/** A figure at a time, in milliseconds. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

const HOUR_MS = 3_600_000;

/**
 * How fast a figure grows, per hour: the median of the slopes between all pairs of points (Theil 1950, Sen 1968). A burst, or
 * a third of the points that are wild, does not move it. Undefined below two points.
 */
export function slopePerHour(points: readonly Point[]): number | undefined {
  const slopes: number[] = [];
  for (const [index, from] of points.entries())
    for (const to of points.slice(index + 1))
      if (to.at > from.at) slopes.push((to.value - from.value) / (to.at - from.at));
  slopes.sort((a, b) => a - b);
  const middle = (slopes.length - 1) / 2;
  const low = slopes[Math.floor(middle)];
  const high = slopes[Math.ceil(middle)];
  return low === undefined || high === undefined ? undefined : ((low + high) / 2) * HOUR_MS;
}
