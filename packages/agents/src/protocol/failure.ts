import { ERROR_CODES, type ErrorCode, MeshError } from "@shoal/mesh";
import { CODE_HEADER, type ProtocolCode, TEXT_HEADER } from "./terms.ts";

/** What our codes are in the protocol, which knows seven numbers (§9.2). */
export const NUMBERS: Readonly<Record<ErrorCode, ProtocolCode>> = {
  bad_request: 400,
  unauthorized: 401,
  // What may be spent is spent.
  budget_exhausted: 429,
  forbidden: 403,
  not_found: 404,
  timeout: 500,
  conflict: 409,
  too_large: 400,
  overloaded: 429,
  cancelled: 500,
  internal: 500,
  unavailable: 500,
  replica_lost: 500,
  deadline_exceeded: 500,
};

/** What the protocol's numbers are for our callers. */
const CODES: Readonly<Record<ProtocolCode, ErrorCode>> = {
  400: "bad_request",
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  429: "overloaded",
  500: "internal",
};

/** §9.1: short, on one line. */
const TEXT_LENGTH = 200;

export interface FailureMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Uint8Array;
}

/** An error as a message: our code is in its body. */
export function encodeFailure({ code, message, retryAfterS }: MeshError): FailureMessage {
  const body = { error: code, message, ...(retryAfterS === undefined ? {} : { retry_after_s: retryAfterS }) };
  return {
    headers: { [CODE_HEADER]: String(NUMBERS[code]), [TEXT_HEADER]: headerText(message) },
    payload: Buffer.from(JSON.stringify(body)),
  };
}

/**
 * The error of a message with these headers. A body that says which of our codes it is, and whose number is that of the
 * header, is believed.
 */
export function decodeFailure(number: string, text: string | undefined, payload: Uint8Array): MeshError {
  const body = bodyOf(payload);
  const code = codeOf(Number(number), body["error"]);
  const said = typeof body["message"] === "string" && body["message"] !== "" ? body["message"] : text;
  const after = body["retry_after_s"];
  return new MeshError(code, said || `the agent failed with ${number} and did not say why.`, {
    retryAfterS: typeof after === "number" && after >= 0 ? after : undefined,
  });
}

function codeOf(number: number, said: unknown): ErrorCode {
  if (isCode(said) && NUMBERS[said] === number) return said;
  const known = (CODES as Readonly<Record<number, ErrorCode | undefined>>)[number];
  return known ?? (number >= 400 && number < 500 ? "bad_request" : "internal");
}

function isCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(ERROR_CODES, value);
}

function bodyOf(payload: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(payload).toString());
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Some clients read headers as ASCII. */
function headerText(message: string): string {
  const line = message.replace(/\s+/g, " ").replace(/[^ -~]/g, "?");
  return line.length > TEXT_LENGTH ? `${line.slice(0, TEXT_LENGTH - 3)}...` : line;
}
