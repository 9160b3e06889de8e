/** Messages at one size. */
export interface Load {
  readonly replicas: number;
  readonly messagesPerSecond: number;
}

/** Less than this many messages a second in all are none: a stray one in the window says nothing of growth. */
const NONE_PER_SECOND = 1;

/**
 * With which power of the number of replicas the messages grow from one size to a larger one: 1 when each replica sends
 * its own, 2 when each tells every other. 0 when there are none at the larger size.
 */
export function growthExponent(small: Load, large: Load): number {
  if (large.messagesPerSecond < NONE_PER_SECOND) return 0;
  const more = large.messagesPerSecond / Math.max(small.messagesPerSecond, NONE_PER_SECOND);
  return Math.log(more) / Math.log(large.replicas / small.replicas);
}
