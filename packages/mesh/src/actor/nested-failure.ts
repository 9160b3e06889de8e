import { ERROR_CODES, MeshError } from "../errors.ts";
import type { Method } from "./method.ts";

/**
 * What a handler's caller is told of a call that failed inside the handler. The inner call's code may say that nothing
 * has run, which is true of the inner work alone: the handler itself has begun, and repeating it would repeat what it
 * did before. An error that the handler made itself says what its author meant.
 */
export function nestedFailure(error: MeshError, { target, contract }: Method): MeshError {
  const { code, agent } = error;
  if (agent === undefined || ERROR_CODES[code].mayHaveRun) return error;
  const { retryAfterS, method, attempt, replica, details } = error;
  const nested = method === undefined ? agent : `${agent}.${method}`;
  return new MeshError(code, `${target} had begun, and its call of ${nested} failed: ${error.message}`, {
    retryable: error.retryable && contract.idempotent === true,
    retryAfterS,
    agent,
    method,
    attempt,
    replica,
    details,
    cause: error,
  });
}
