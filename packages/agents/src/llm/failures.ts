import { type ErrorCode, MeshError } from "@shoal/mesh";

/** What one kind of failure means to whoever asked, and to their supervisor. */
interface Meaning {
  readonly code: ErrorCode;
  /** Asking again, perhaps later, can help. */
  readonly retryable: boolean;
  /** The next model of a list is asked. */
  readonly next: boolean;
}

export type FailureKind =
  | "rate_limited"
  | "provider_overloaded"
  | "quota_exhausted"
  | "unauthorized"
  | "no_such_model"
  | "invalid_request"
  | "context_overflow"
  | "refused"
  | "invalid_output"
  | "stalled"
  | "broken_stream"
  | "unreachable"
  | "provider_error"
  | "budget_exhausted"
  | "too_many_steps";

/** Every way in which a model fails. The same table is in docs/models.md. */
export const FAILURES: Readonly<Record<FailureKind, Meaning>> = {
  rate_limited: { code: "overloaded", retryable: true, next: true },
  provider_overloaded: { code: "overloaded", retryable: true, next: true },
  quota_exhausted: { code: "budget_exhausted", retryable: false, next: true },
  unauthorized: { code: "unauthorized", retryable: false, next: true },
  no_such_model: { code: "not_found", retryable: false, next: true },
  invalid_request: { code: "bad_request", retryable: false, next: true },
  context_overflow: { code: "too_large", retryable: false, next: true },
  refused: { code: "forbidden", retryable: false, next: false },
  invalid_output: { code: "unavailable", retryable: true, next: false },
  stalled: { code: "timeout", retryable: true, next: true },
  broken_stream: { code: "unavailable", retryable: true, next: true },
  unreachable: { code: "unavailable", retryable: true, next: true },
  provider_error: { code: "unavailable", retryable: true, next: true },
  budget_exhausted: { code: "budget_exhausted", retryable: false, next: false },
  too_many_steps: { code: "budget_exhausted", retryable: false, next: false },
};

/** Facts that go with a failure. */
export interface FailureFacts {
  readonly model?: string | undefined;
  /** The provider's HTTP status. */
  readonly status?: number | undefined;
  readonly retryAfterS?: number | undefined;
  readonly [fact: string]: unknown;
}

/** The error that a caller gets; `details` has the kind and the facts. */
export function failure(
  kind: FailureKind,
  message: string,
  { retryAfterS, ...facts }: FailureFacts = {},
): MeshError {
  const { code, retryable } = FAILURES[kind];
  return new MeshError(code, message, { retryable, retryAfterS, details: { kind, ...facts } });
}

/** Undefined for an error that is no model's. */
export function kindOf(error: unknown): FailureKind | undefined {
  if (!(error instanceof MeshError) || typeof error.details !== "object" || error.details === null)
    return undefined;
  const kind = Reflect.get(error.details, "kind") as unknown;
  return typeof kind === "string" && Object.hasOwn(FAILURES, kind) ? (kind as FailureKind) : undefined;
}
