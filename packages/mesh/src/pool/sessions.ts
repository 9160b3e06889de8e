import type { SessionParts } from "../actor/sessions.ts";
import type { Agent } from "../contract/agent.ts";
import { sessionPolicyOf } from "../contract/session-options.ts";
import { BucketMemory } from "../memory/bucket-memory.ts";
import { BucketKeeper } from "../session/bucket-keeper.ts";
import { sessionPlace } from "../session/place.ts";
import type { ReplicaParts } from "./replica.ts";

/** What is remembered is renewed with its session, a while before that expires: it must not be gone by then. */
const OUTLIVES = 1.5;

/** Where the sessions of one replica are kept. */
export function sessionsOf(
  agent: Agent,
  parts: ReplicaParts,
): SessionParts & { readonly keeper: BucketKeeper } {
  const { name } = agent.contract;
  const { ttlMs } = sessionPolicyOf(agent);
  return {
    keeper: new BucketKeeper({ ...parts, agent: name, owner: parts.replica, ttlMs }),
    memoryOf: (id) => new BucketMemory(parts.memories, sessionPlace(name, id), OUTLIVES * ttlMs),
  };
}
