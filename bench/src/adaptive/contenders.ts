import type { Concurrency } from "@shoal/mesh";

/** Who keeps so many at work, and where: at the client's batch, or at the replica. */
export interface Contender {
  readonly name: string;
  readonly batch: Concurrency;
  readonly slots: Concurrency;
}

/** More than any limit that is found. */
const MANY = 500;

/** Two lots that run one after the other: more at a time would disturb each other. */
export const POLICIES: readonly (readonly Contender[])[] = [
  [
    { name: "gradient", batch: { policy: "gradient" }, slots: MANY },
    { name: "gradient-replica", batch: 150, slots: { policy: "gradient" } },
  ],
  [
    // Who names a target knows how long a call takes.
    { name: "aimd-target-130ms", batch: { policy: "aimd", target: "130ms" }, slots: MANY },
    { name: "aimd", batch: { policy: "aimd" }, slots: MANY },
    { name: "simple", batch: { policy: "simple" }, slots: MANY },
  ],
];

/** The headline: targets are for this one. */
export const HEADLINE = "gradient";

export function fixed(limit: number): Contender {
  return { name: `fixed-${limit}`, batch: limit, slots: MANY };
}

/** Limits around a knee, as shares of it. */
const GRID = [0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 2];
const QUICK_GRID = [0.75, 0.9, 1, 1.1, 1.25];

export function gridAround(knee: number, quick: boolean): number[] {
  return [...new Set((quick ? QUICK_GRID : GRID).map((share) => Math.round(knee * share)))];
}
