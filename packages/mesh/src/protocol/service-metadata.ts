/** Metadata that marks a NATS micro service as part of a mesh; its value is the mesh's subject root. */
export const ROOT_METADATA = "shoal_root";
