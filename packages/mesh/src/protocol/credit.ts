/**
 * Credit: how a producer is kept from running ahead of its consumer. A chunk costs one unit, and one more for each
 * 4 KiB; the producer sends while it has credit left, and the consumer grants what it has consumed.
 */

/** Units that a producer may use before the first grant, unless the request says otherwise: about 2 MiB at most. */
export const DEFAULT_WINDOW = 512;
/** The same for a request that does not take a stream: few of its results go in parts, and the first part fits in. */
export const UNARY_WINDOW = 8;

/** Cost of a frame whose body takes `bytes`. */
export function creditCost(bytes: number): number {
  return 1 + (bytes >>> 12);
}
