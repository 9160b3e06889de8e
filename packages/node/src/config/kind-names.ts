/**
 * Kinds of agents that come with Shoal: what they are given beside the settings of every agent is checked by themselves, once
 * they are loaded.
 */
export const KIND_NAMES: readonly string[] = ["llm", "metrics", "protocol"];

export function isKindName(use: unknown): use is string {
  return typeof use === "string" && KIND_NAMES.includes(use);
}
