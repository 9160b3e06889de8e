import type { ErrorCode } from "../errors.ts";

/** What happens to a request on the way. */
export type PolicyEvent =
  | { kind: "retry"; target: string; code: ErrorCode; attempt: number; waitMs: number }
  | { kind: "fallback"; from: string; to: string; code: ErrorCode | "breaker-open" }
  | { kind: "hedge"; target: string; afterMs: number }
  /** Retries and hedges have used up what there may be of them. */
  | { kind: "budget"; target: string };
