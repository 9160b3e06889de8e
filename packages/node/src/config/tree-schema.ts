import type { TreeOptions } from "@shoal/mesh";
import { z } from "zod";
import { duration } from "./duration.ts";
import { picked } from "./picked.ts";

/** Agents that are started, restarted and stopped together: what `defineTree` takes, with agents by their names. */
export interface TreeEntry extends Omit<TreeOptions, "children"> {
  readonly children: readonly (string | TreeEntry)[];
}

const intensity = z.strictObject({
  /** Restarts that are allowed `within` a while. Default 5 in 60 s. */
  restarts: z.int().min(0).optional(),
  within: duration.optional(),
});

const backoff = z.strictObject({ first: duration.optional(), longest: duration.optional() });

const tree = z.strictObject({
  name: z.string().min(1),
  strategy: z.enum(["one-for-one", "one-for-all", "rest-for-one"]).optional(),
  children: z
    .array(
      picked<string | TreeEntry>((value) =>
        typeof value === "object" && value ? treeSchema : z.string().min(1),
      ),
    )
    .min(1),
  intensity: intensity.optional(),
  backoff: backoff.optional(),
});

export const treeSchema: z.ZodType<TreeEntry> = tree;

/** By path, without the places in lists; a tree in a tree has the same. */
export const treeSections: Readonly<Record<string, z.ZodObject>> = {
  trees: tree,
  "trees.intensity": intensity,
  "trees.backoff": backoff,
};
