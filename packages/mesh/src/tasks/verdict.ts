import type { ErrorCode, MeshError } from "../errors.ts";

/** What becomes of a task that has not ended well. */
export type Verdict =
  /** It was not begun: somebody should, and this was no attempt. */
  | { readonly kind: "give back"; readonly afterMs: number }
  | { readonly kind: "try again"; readonly afterMs: number }
  | { readonly kind: "bury" };

/** Another attempt ends in the same way. */
const PERMANENT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "bad_request",
  "unauthorized",
  "forbidden",
  "not_found",
  "conflict",
  "too_large",
  "budget_exhausted",
]);

const GIVE_BACK_MS = 1_000;
const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/**
 * @param attempts that were made, this one included
 * @param most attempts that are made
 * @param random from 0 to 1
 */
export function verdictOn(
  error: MeshError,
  hasBegun: boolean,
  attempts: number,
  most: number,
  random: () => number = Math.random,
): Verdict {
  // Who says that trying again can help knows better than its code.
  if (PERMANENT.has(error.code) && !error.retryable) return { kind: "bury" };
  const jitter = 0.8 + 0.4 * random();
  const askedMs = error.retryAfterS === undefined ? undefined : error.retryAfterS * 1_000;
  if (!hasBegun) return { kind: "give back", afterMs: (askedMs ?? GIVE_BACK_MS) * jitter };
  if (attempts >= most) return { kind: "bury" };
  const backoffMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempts - 1));
  return { kind: "try again", afterMs: Math.max(backoffMs * jitter, askedMs ?? 0) };
}
