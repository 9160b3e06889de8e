import { type Finding, ok, problem, warning } from "./finding.ts";

/** What tasks and the ages of answers bear. */
const SKEW_MS = 2_000;
const BAD_SKEW_MS = 60_000;

/** One node, as it was asked. */
export interface SeenNode {
  readonly node: string;
  readonly version: string | undefined;
  readonly runtime: string;
  /** How far its clock is ahead of this one; not a number where it has not said. */
  readonly aheadMs: number;
}

/** @param own the version of Shoal that this command has */
export function nodeFindings(nodes: readonly SeenNode[], own: string): Finding[] {
  if (nodes.length === 0)
    return [warning("nodes", "none answers", "start one: `shoal up`, or `shoal node --nats …`")];
  return [...versionFindings(nodes, own), ...clockFindings(nodes)];
}

function versionFindings(nodes: readonly SeenNode[], own: string): Finding[] {
  const byVersion = Map.groupBy(nodes, ({ version }) => version ?? "unknown");
  const versions = [...byVersion].map(([version, all]) => `${version} (${names(all)})`);
  const text = `${nodes.length} of Shoal ${versions.join(", ")}; this command is ${own}`;
  const isSame = byVersion.size === 1 && byVersion.has(own);
  const runtimes = Map.groupBy(nodes, ({ runtime }) => runtime.split(".")[0] ?? "");
  return [
    isSame
      ? ok("nodes", text)
      : warning(
          "nodes",
          text,
          "versions work together while you replace one by the other: do not leave it so",
        ),
    ...(runtimes.size > 1
      ? [
          warning(
            "nodes",
            `they run on several versions of Node.js: ${[...runtimes].map(([each, all]) => `${each} (${names(all)})`).join(", ")}`,
            "what one of them can do, another may not: use one",
          ),
        ]
      : []),
  ];
}

function clockFindings(nodes: readonly SeenNode[]): Finding[] {
  const wrong = nodes.filter(({ aheadMs }) => Math.abs(aheadMs) >= SKEW_MS);
  if (wrong.length === 0) return [ok("clocks", "this one and those of all nodes agree")];
  const told = wrong.map(({ node, aheadMs }) => {
    const seconds = Math.round(Math.abs(aheadMs) / 1_000);
    return `${node} is ${seconds} s ${aheadMs > 0 ? "ahead of" : "behind"} this one`;
  });
  const isBad = wrong.some(({ aheadMs }) => Math.abs(aheadMs) >= BAD_SKEW_MS);
  const advice =
    "times of tasks and sessions are told wrong, and certificates may be refused: run an NTP client";
  return [(isBad ? problem : warning)("clocks", told.join(", "), advice)];
}

const MOST_NAMES = 5;

function names(nodes: readonly SeenNode[]): string {
  const some = nodes.slice(0, MOST_NAMES).map(({ node }) => node);
  return some.join(", ") + (nodes.length > MOST_NAMES ? `, and ${nodes.length - MOST_NAMES} more` : "");
}
