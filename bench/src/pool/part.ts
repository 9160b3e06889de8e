/** What is measured by sending jobs to a pool and comparing it with one ideal queue. */
export const QUEUE_PARTS = ["equal", "exponential", "mixed", "cluster"] as const;

export type QueuePart = (typeof QUEUE_PARTS)[number];

/** What the benchmark consists of. */
export const PARTS = [...QUEUE_PARTS, "cost"] as const;
