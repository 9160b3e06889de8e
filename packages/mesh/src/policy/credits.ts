import type { Served } from "../contract/caller.ts";
import type { ReplyMetadata } from "../protocol/metadata.ts";

/**
 * What goes with an answer: all that its target sent, and who did the work.
 * @param first the agent that was asked first; what it had done by others it has told itself
 */
export function creditsOf(served: Served | undefined, answered: string, first: string): ReplyMetadata {
  const instead = answered === first ? served?.metadata.servedBy?.instead : first;
  const servedBy = {
    agent: served?.agent ?? answered,
    replica: served?.replica,
    ...(instead === undefined ? {} : { instead }),
  };
  return { ...served?.metadata, servedBy };
}
