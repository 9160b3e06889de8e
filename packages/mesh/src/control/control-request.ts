import { MeshError } from "../errors.ts";
import { textOf } from "../protocol/body.ts";

/** What somebody asks of a node: the name of an operation, and what that needs to know. */
export interface ControlRequest {
  readonly op: string;
  /** Asked of all nodes: only those whose names begin with this are meant. */
  readonly node?: string;
  readonly [field: string]: unknown;
}

/**
 * Reads `{"op":"inspect","agent":"writer"}`; the name of an operation alone is enough: `inspect`.
 * @throws MeshError `bad_request`
 */
export function readControlRequest(payload: Uint8Array): ControlRequest {
  const text = textOf(payload).trim();
  if (/^[a-z][a-z-]*$/.test(text)) return { op: text };
  const request = parsed(text);
  if (typeof request !== "object" || request === null || typeof Reflect.get(request, "op") !== "string")
    throw new MeshError(
      "bad_request",
      `a node is asked with JSON such as {"op":"inspect"}, or inspect alone.`,
    );
  return request as ControlRequest;
}

/**
 * A field that is text; undefined when it is not there.
 * @throws MeshError `bad_request` for one that is something else
 */
export function textField(request: ControlRequest, field: string): string | undefined {
  const value = request[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  throw new MeshError("bad_request", `"${field}" of ${request.op} must be text.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
