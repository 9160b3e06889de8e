import { type Agent, type Tree, defineTree, nearest } from "@shoal/mesh";
import type { Hosted } from "./agents.ts";
import type { Mistake } from "./mistakes.ts";
import { type TreeEntry, treeSchema } from "./tree-schema.ts";

/** The supervision trees of a configuration, whose leaves are its agents, and whatever is wrong with them. */
export function resolveTrees(
  entries: unknown,
  hosted: readonly Hosted[],
): { trees: Tree[]; mistakes: Mistake[] } {
  const trees: Tree[] = [];
  const leaves = new Leaves(hosted);
  for (const [index, raw] of (Array.isArray(entries) ? (entries as unknown[]) : []).entries()) {
    // What is wrong with its settings has been told already.
    const { data } = treeSchema.safeParse(raw);
    const tree = data && leaves.plant(data, ["trees", index]);
    if (tree) trees.push(tree);
  }
  return { trees, mistakes: leaves.mistakes };
}

/** Names of the agents in a tree, and in the trees in it. */
export function namesIn({ children }: Tree): string[] {
  return children.flatMap((child) => ("children" in child ? namesIn(child) : [child.contract.name]));
}

/** The agents that trees may have: each in one place. */
class Leaves {
  readonly mistakes: Mistake[] = [];
  private readonly byName: ReadonlyMap<string, Hosted>;
  /** The tree that each is in. */
  private readonly taken = new Map<string, string>();

  constructor(hosted: readonly Hosted[]) {
    this.byName = new Map(hosted.map((each) => [each.agent.contract.name, each]));
  }

  /** Undefined when there is nothing to be in it. */
  plant(entry: TreeEntry, path: readonly PropertyKey[]): Tree | undefined {
    const children = entry.children.flatMap((child, index): (Agent | Tree)[] => {
      const at = [...path, "children", index];
      if (typeof child === "string") return this.agents(child, entry.name, at);
      const tree = this.plant(child, at);
      return tree ? [tree] : [];
    });
    return children.length > 0 ? defineTree({ ...entry, children }) : undefined;
  }

  /** As many as there are to be of it in each process. */
  private agents(name: string, tree: string, path: readonly PropertyKey[]): Agent[] {
    const hosted = this.byName.get(name);
    const taken = this.taken.get(name);
    if (!hosted) this.mistakes.push({ path, message: this.nobodyCalled(name) });
    else if (taken !== undefined)
      this.mistakes.push({ path, message: `"${name}" is in tree "${taken}" already` });
    if (!hosted || taken !== undefined) return [];
    this.taken.set(name, tree);
    return Array.from({ length: hosted.replicas }, () => hosted.agent);
  }

  private nobodyCalled(name: string): string {
    const names = [...this.byName.keys()];
    const [alike] = nearest(name, names);
    const hint = alike === undefined ? `here are ${names.join(", ")}` : `did you mean "${alike}"?`;
    return `no agent of this configuration is called "${name}"; ${hint}`;
  }
}
