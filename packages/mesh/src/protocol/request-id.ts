import { randomBytes } from "node:crypto";

/** Bytes of a request id: 12 of the caller, then the call's number. */
const REQUEST_ID_BYTES = 16;
export const CALLER_ID_BYTES = 12;

/** Identifies a client for its lifetime. With the call's number it makes a request id unique in the mesh. */
export function newCallerId(): Uint8Array {
  return randomBytes(CALLER_ID_BYTES);
}

/** A whole request id, for callers that did not send one. */
export function newRequestId(): Uint8Array {
  return randomBytes(REQUEST_ID_BYTES);
}

/** 32 hexadecimal digits: the form for logs, and a W3C trace id where the request is the root of its trace. */
export function requestIdText(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString("hex");
}
