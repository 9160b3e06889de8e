import type { Outcome } from "./outcome.ts";

/** What replicas of a pool share of their answers, wherever they run. Nothing here rejects. */
export interface Tier {
  /**
   * What the pool has for a key, or the right to make it. While another replica makes it, this waits.
   *
   * K16: at most one replica has the right, and when its process dies another gets it at once.
   */
  obtain(key: string, seeker: Seeker): Promise<Obtained>;
}

/** Whoever wants an outcome. */
export interface Seeker {
  /** When the last of those that wait gives up, by the clock; in the past when nobody waits any more. */
  readonly expiresAt: number;
  /** A degraded answer is of no use. */
  readonly undegraded: boolean;
  /** Only a fresh one will do. */
  readonly wantsFresh: boolean;
  /** Set by the tier: told when those that wait are others. */
  onChanged: (() => void) | undefined;
}

export type Obtained =
  | { readonly outcome: Outcome; readonly ageMs: number; readonly wasAwaited: boolean }
  | { readonly claim: Claim }
  /** K17: there is nobody to share with: the tier cannot be reached. */
  | "alone"
  | "abandoned";

/** The right to make what others wait for. It lapses soon after its holder has died. */
export interface Claim {
  /** When the last of those that wait in other replicas gives up, by the clock; -Infinity when none waits. */
  readonly expiresAt: number;
  /** Set by its holder: told when those that wait are others. */
  onChanged: (() => void) | undefined;
  /**
   * It is made, and given to those that wait.
   * @param ageMs how old it is already
   * @param isKept for those that come later too
   */
  settle(outcome: Outcome, ageMs: number, isKept: boolean): void;
  /** Nothing comes of it: another may. */
  release(): void;
}
