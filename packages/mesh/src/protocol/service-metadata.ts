/** Metadata that marks a NATS micro service as part of a mesh; its value is the mesh's subject root. */
export const ROOT_METADATA = "shoal_root";

/** Metadata of a replica whose slots are found by a policy: which, and its bounds, such as `gradient 1–200`. */
export const POLICY_METADATA = "concurrency_policy";
