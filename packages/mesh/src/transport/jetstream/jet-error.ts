import { type ErrorCode, MeshError, messageOf } from "../../errors.ts";

/** An error as JetStream's API has it. */
export interface ApiError {
  readonly code: number;
  readonly err_code?: number;
  readonly description?: string;
}

/** Numbers of NATS's own list (server/errors.json). */
export const WRONG_LAST_SEQUENCE = 10_071;
/** With other settings. */
export const CONSUMER_EXISTS = 10_148;
/** For now: its servers choose who leads them. */
export const JETSTREAM_UNAVAILABLE = 10_008;
export const STREAM_NOT_FOUND = 10_059;
/** By one with other settings. */
export const STREAM_NAME_IN_USE = 10_058;
export const MESSAGE_NOT_FOUND = 10_037;
/** Of a message that is not there any more. */
export const DELETE_FAILED = 10_057;
export const SEQUENCE_NOT_FOUND = 10_043;
const FULL: ReadonlySet<number> = new Set([10_077, 10_023, 10_028, 10_047, 10_115]);
const NOT_ENABLED: ReadonlySet<number> = new Set([10_035, 10_039, 10_076]);

/** What JetStream has refused, in the mesh's words. @param what what was to be done, as a gerund */
export function jetError(what: string, { code, err_code = 0, description = "" }: ApiError): MeshError {
  return new MeshError(codeOf(code, err_code), `${what}: ${description || `error ${code}`}.`, {
    retryable: NOT_ENABLED.has(err_code) ? false : undefined,
  });
}

/** The same of what the library throws. */
export function asJetError(what: string, error: unknown): MeshError {
  if (error instanceof MeshError) return error;
  const api = apiErrorOf(error);
  if (api) return jetError(what, api);
  const { code } = error as { code?: unknown };
  const isDenied = code === "PERMISSIONS_VIOLATION" || code === "AUTHORIZATION_VIOLATION";
  // Nobody listens: it is switched off, here or for this account.
  const isOff = code === "503";
  const why = isOff ? "JetStream does not listen: is it switched on?" : messageOf(error);
  return new MeshError(isDenied ? "forbidden" : "unavailable", `${what}: ${why}`, {
    cause: error,
    // The library says what a server is too old for.
    retryable: isOff || why.includes("requires server") ? false : undefined,
  });
}

export function apiErrorOf(error: unknown): ApiError | undefined {
  if (typeof error !== "object" || error === null || !("api_error" in error)) return undefined;
  return error.api_error as ApiError | undefined;
}

function codeOf(code: number, errCode: number): ErrorCode {
  if (FULL.has(errCode)) return "overloaded";
  if (NOT_ENABLED.has(errCode) || code === 503) return "unavailable";
  if (code === 404) return "not_found";
  if (code === 400) return "bad_request";
  return code === 500 ? "unavailable" : "internal";
}
