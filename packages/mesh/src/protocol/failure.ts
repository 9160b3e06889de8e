import { MeshError, type MeshErrorOptions, isErrorCode, messageOf } from "../errors.ts";

/** The fields of an error as they travel: in a frame's body, and in the JSON body of a plain reply. */
export interface Failure {
  error: string;
  message: string;
  retryable: boolean;
  retry_after_s?: number;
  details?: unknown;
}

export function failureOf(error: MeshError): Failure {
  const failure: Failure = { error: error.code, message: error.message, retryable: error.retryable };
  if (error.retryAfterS !== undefined) failure.retry_after_s = error.retryAfterS;
  if (error.details !== undefined) failure.details = error.details;
  return failure;
}

/** Rebuilds an error from what a peer sent, whatever that is. */
export function errorOf(failure: unknown, options: MeshErrorOptions = {}): MeshError {
  const fields: Partial<Record<keyof Failure, unknown>> =
    typeof failure === "object" && failure !== null ? failure : { message: failure };
  const message =
    typeof fields.message === "string" && fields.message ? fields.message : "the peer gave no reason.";
  return new MeshError(isErrorCode(fields.error) ? fields.error : "internal", message, {
    ...options,
    retryable: typeof fields.retryable === "boolean" ? fields.retryable : undefined,
    retryAfterS: isDelay(fields.retry_after_s) ? fields.retry_after_s : undefined,
    details: fields.details,
  });
}

function isDelay(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

/** Whatever was thrown, as an error of the taxonomy: `internal` unless it is one already. */
export function asMeshError(thrown: unknown): MeshError {
  return thrown instanceof MeshError
    ? thrown
    : new MeshError("internal", messageOf(thrown), { cause: thrown });
}
