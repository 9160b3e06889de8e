import { type ErrorCode, MeshError } from "../errors.ts";

/** What a call says of the load: that it went well, that there may be too much of it, or nothing. */
export type Sign = "ok" | "drop" | "none";

/**
 * What is the same however little runs: the caller's own mistakes, refusals, budgets, and what the caller gave up. All
 * other codes count against a limit: overloaded, timeout, deadline_exceeded, unavailable, replica_lost, internal.
 */
const DELIBERATE: ReadonlySet<ErrorCode> = new Set([
  "bad_request",
  "unauthorized",
  "budget_exhausted",
  "forbidden",
  "not_found",
  "conflict",
  "too_large",
  "cancelled",
]);

/** What a failure says. One that has no code counts against the limit, unless it is that of a signal that fired. */
export function signOf(thrown: unknown): Sign {
  if (thrown instanceof MeshError) return DELIBERATE.has(thrown.code) ? "none" : "drop";
  return thrown instanceof Error && thrown.name === "AbortError" ? "none" : "drop";
}
