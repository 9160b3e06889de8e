import { z } from "zod";
import { duration } from "./duration.ts";

/** How a node's agents appear in the open agent protocol. */
export const protocolSettings: z.ZodObject = z.strictObject({
  /** Whose they are. Default: the user that runs the process. */
  owner: z.string().min(1).optional(),
  /** What kind they are of. Default `shoal`; under another root than `mesh` `shoal-ROOT`. */
  agent: z.string().min(1).optional(),
  /** Between two heartbeats. Default 30 s. */
  heartbeat: duration.optional(),
});

export interface ProtocolEntry {
  owner?: string | undefined;
  agent?: string | undefined;
  heartbeat?: number | string | undefined;
}
