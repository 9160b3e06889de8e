import type { Agent } from "../contract/agent.ts";
import { type Duration, toMs } from "../duration.ts";
import { MeshError } from "../errors.ts";
import { STRATEGIES, type Strategy } from "./strategy.ts";

export interface TreeOptions {
  /** For people: in logs and events. */
  readonly name: string;
  /** Started in this order, and stopped in reverse. An agent that is listed twice has two replicas. */
  readonly children: readonly (Agent | Tree)[];
  /** Which children are restarted when one fails. Default `one-for-one`. */
  readonly strategy?: Strategy | undefined;
  /** More restarts than `restarts` `within` a while: the tree fails as a whole. Default 5 in 60 s. */
  readonly intensity?:
    { readonly restarts?: number | undefined; readonly within?: Duration | undefined } | undefined;
  /** Wait before a restart: doubling from `first` (200 ms) to `longest` (10 s), ±20 %, anew after a minute of health. */
  readonly backoff?:
    { readonly first?: Duration | undefined; readonly longest?: Duration | undefined } | undefined;
}

/** How the children of a tree are looked after. */
export interface TreePolicy {
  readonly strategy: Strategy;
  readonly restarts: number;
  readonly withinMs: number;
  readonly firstMs: number;
  readonly longestMs: number;
}

/** Agents that are started, restarted and stopped together. */
export interface Tree {
  readonly name: string;
  readonly children: readonly (Agent | Tree)[];
  readonly policy: TreePolicy;
}

export const DEFAULT_TREE_POLICY: TreePolicy = policyOf({ name: "", children: [] });

/**
 * Defines a supervision tree. Its leaves are agents, whose `onFailure` says what is a failure to be restarted for.
 *
 *     const team = defineTree({ name: "team", strategy: "rest-for-one", children: [index, search] });
 *     await mesh.supervise(team);
 *
 * @throws MeshError `bad_request` naming what is wrong
 */
export function defineTree(options: TreeOptions): Tree {
  const { name, children } = options;
  if (typeof name !== "string" || name === "") throw new MeshError("bad_request", "a tree needs a name.");
  if (children.length === 0) throw wrong(name, "children", [], "at least one agent or tree");
  return { name, children, policy: policyOf(options) };
}

export function isTree(child: Agent | Tree): child is Tree {
  return "children" in child;
}

function policyOf({ name, strategy = "one-for-one", intensity = {}, backoff = {} }: TreeOptions): TreePolicy {
  const { restarts = 5, within = "60s" } = intensity;
  const { first = "200ms", longest = "10s" } = backoff;
  if (!STRATEGIES.includes(strategy))
    throw wrong(name, "strategy", strategy, `one of ${STRATEGIES.join(", ")}`);
  if (!Number.isInteger(restarts) || restarts < 0)
    throw wrong(name, "intensity.restarts", restarts, "a whole number from 0");
  const at = (field: string): string => `tree "${name}": ${field}`;
  return {
    strategy,
    restarts,
    withinMs: toMs(within, at("intensity.within")),
    firstMs: toMs(first, at("backoff.first")),
    longestMs: toMs(longest, at("backoff.longest")),
  };
}

function wrong(tree: string, field: string, value: unknown, wanted: string): MeshError {
  return new MeshError(
    "bad_request",
    `tree "${tree}": ${field} is ${JSON.stringify(value)}; it must be ${wanted}.`,
  );
}
