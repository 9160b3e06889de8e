import type { ErrorCode, MeshError } from "../errors.ts";

/** Failures that are the request's own: every target would say the same, or nobody wants to know any more. */
const FINAL: ReadonlySet<ErrorCode> = new Set(["bad_request", "conflict", "cancelled", "budget_exhausted"]);

/** Nothing else can be tried. */
export function isFinal(error: MeshError): boolean {
  return FINAL.has(error.code) && !isCycle(error);
}

/** An agent has refused what came back to it: others need not. */
export function isCycle({ code, hasBegun }: MeshError): boolean {
  return code === "conflict" && hasBegun === false;
}
