/** What can be done to a mesh under load. */
export const FAULTS = ["kill", "drain", "server"] as const;

export type Fault = (typeof FAULTS)[number];

/** What the benchmark consists of. */
export const PARTS = [...FAULTS, "overhead"] as const;
