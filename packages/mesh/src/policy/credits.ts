import type { Served } from "../contract/caller.ts";
import type { ReplyMetadata } from "../protocol/metadata.ts";

/**
 * What goes with an answer: all that its target sent, and who did the work.
 * @param first the agent that was asked first
 */
export function creditsOf(served: Served | undefined, answered: string, first: string): ReplyMetadata {
  const servedBy = {
    agent: served?.agent ?? answered,
    replica: served?.replica,
    ...(answered === first ? {} : { instead: first }),
  };
  return { ...served?.metadata, servedBy };
}
