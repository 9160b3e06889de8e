import type { QueuePart } from "./part.ts";
import { contenderNames, type ContenderName } from "./contender-name.ts";
import type { Service } from "./service.ts";

/** Processes that a pool consists of. */
export const PROCESSES = 4;

/** A load on a pool, that contenders are compared at. */
export interface Cell {
  readonly part: QueuePart;
  /** Percent of the pool's capacity. */
  readonly percent: number;
  readonly contenders: readonly ContenderName[];
}

/** How the parts differ. */
export interface Setting {
  readonly title: string;
  readonly service: Service;
  readonly slotsPerProcess: number;
  /** NATS servers that the processes are spread over. */
  readonly servers: number;
}

export function settingOf(part: QueuePart, quick: boolean): Setting {
  switch (part) {
    case "equal":
      return { ...ALONE, title: "equal 20 ms", service: { kind: "equal", ms: 20 } };
    case "exponential":
      return { ...ALONE, title: "exponential, mean 20 ms", service: { kind: "exponential", meanMs: 20 } };
    case "cluster":
      return { ...ALONE, title: "equal 20 ms in a cluster", service: { kind: "equal", ms: 20 }, servers: 3 };
    case "mixed": {
      const mostMs = quick ? 1_000 : 10_000;
      return {
        title: `log-uniform from 1 ms to ${mostMs / 1_000} s`,
        service: { kind: "log-uniform", leastMs: 1, mostMs },
        slotsPerProcess: 25,
        servers: 1,
      };
    }
  }
}

const ALONE = { slotsPerProcess: 1, servers: 1 };

/** Everything that is measured. */
export const CELLS: readonly Cell[] = [
  { part: "equal", percent: 50, contenders: ["shoal"] },
  { part: "equal", percent: 70, contenders: contenderNames },
  { part: "equal", percent: 90, contenders: contenderNames.filter((name) => name !== "shoal-plain") },
  { part: "exponential", percent: 50, contenders: ["shoal"] },
  { part: "exponential", percent: 70, contenders: ["shoal", "queue-group"] },
  { part: "exponential", percent: 90, contenders: ["shoal"] },
  { part: "mixed", percent: 70, contenders: ["shoal", "queue-group"] },
  { part: "mixed", percent: 90, contenders: ["shoal", "queue-group"] },
  { part: "cluster", percent: 70, contenders: ["shoal", "queue-group"] },
  { part: "cluster", percent: 90, contenders: ["shoal"] },
];

/** The most that p99 may be of the ideal's, by the name of the figure. */
export const TARGETS: readonly {
  readonly name: string;
  readonly part: QueuePart;
  readonly percent: number;
  readonly most: number;
}[] = [
  { name: "p99_vs_ideal_50", part: "equal", percent: 50, most: 1.15 },
  { name: "p99_vs_ideal_70", part: "equal", percent: 70, most: 1.15 },
  { name: "p99_vs_ideal_90", part: "equal", percent: 90, most: 1.3 },
  { name: "exp_p99_vs_ideal_70", part: "exponential", percent: 70, most: 1.15 },
  { name: "mixed_p99_vs_ideal_70", part: "mixed", percent: 70, most: 1.15 },
  { name: "mixed_p99_vs_ideal_90", part: "mixed", percent: 90, most: 1.3 },
  { name: "cluster_p99_vs_ideal_70", part: "cluster", percent: 70, most: 1.15 },
  { name: "cluster_p99_vs_ideal_90", part: "cluster", percent: 90, most: 1.3 },
];
