import type { MeshError } from "../errors.ts";

/**
 * The details of `replica_lost` in a replica's own words. A handler may fail with the same code, or pass on what it was
 * told by another replica: that is an answer, and this is none.
 */
export interface Stopped {
  /** Whoever says so. */
  readonly stopped: string;
}

/** The replica that gave this error no longer works for the request. */
export function hasStopped({ code, replica, details }: MeshError): boolean {
  if (code !== "replica_lost" || replica === undefined) return false;
  return (
    typeof details === "object" && details !== null && "stopped" in details && details.stopped === replica
  );
}
