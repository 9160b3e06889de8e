import type { Agent } from "../contract/agent.ts";
import type { ActorParts } from "../actor/actor-parts.ts";
import { Branch, type BranchParts, type OnGaveUp } from "../supervision/branch.ts";
import { type Tree, isTree } from "../supervision/tree.ts";
import type { Replica } from "./replica.ts";

export interface GrowParts extends BranchParts {
  replicaOf: (agent: Agent, onFailure: NonNullable<ActorParts["onFailure"]>) => Replica;
}

/** A leaf of a tree that has grown. */
export interface Leaf {
  readonly replica: Replica;
  /** Takes it out of the tree: from now on somebody else stops it. */
  readonly release: () => void;
}

/** A tree's supervisor, and the replicas that it looks after, in the order in which they start. */
export interface Grown {
  readonly branch: Branch;
  readonly leaves: readonly Leaf[];
}

/** Makes supervisors and replicas of a tree; nothing is started. */
export function grow(tree: Tree, parts: GrowParts, onGaveUp: OnGaveUp): Grown {
  const branch = new Branch(tree.name, tree.policy, parts, onGaveUp);
  const leaves: Leaf[] = [];
  for (const child of tree.children) {
    if (isTree(child)) {
      const inner = grow(child, parts, (failed, error) => branch.failed(failed, error, "restart"));
      branch.add(inner.branch);
      leaves.push(...inner.leaves);
    } else {
      const replica = parts.replicaOf(child, (error, directive) => branch.failed(replica, error, directive));
      branch.add(replica);
      leaves.push({ replica, release: () => branch.release(replica) });
    }
  }
  return { branch, leaves };
}
