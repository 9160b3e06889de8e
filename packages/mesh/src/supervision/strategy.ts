/**
 * Which children are restarted when one has failed: that one alone, all of them, or that one and those that were started
 * after it and may depend on it (OTP).
 */
export type Strategy = "one-for-one" | "one-for-all" | "rest-for-one";

export const STRATEGIES: readonly Strategy[] = ["one-for-one", "one-for-all", "rest-for-one"];

/** In the order in which they were started. */
export function affectedBy<T>(strategy: Strategy, failed: T, children: readonly T[]): T[] {
  const index = children.indexOf(failed);
  if (index < 0) return [];
  if (strategy === "one-for-all") return [...children];
  return strategy === "rest-for-one" ? children.slice(index) : [failed];
}
