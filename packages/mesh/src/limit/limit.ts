/** A call that has ended, as a limit sees it. */
export interface Ended {
  /** Milliseconds by a monotonic clock. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Calls that were running when it ended, itself included. */
  readonly inFlight: number;
  /** It failed in a way that may tell of overload. */
  readonly isDrop: boolean;
}

/** How many calls may run at once, learnt from the calls themselves. */
export interface Limit {
  /** Within its bounds, and no whole number: the fraction is a step under way. */
  readonly value: number;
  /** Takes note of one call. */
  record(call: Ended): void;
}

/** What a limit keeps to: whole numbers from 1. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

export function bounded({ min, max }: Bounds, value: number): number {
  return Math.min(max, Math.max(min, value));
}
