import { randomBytes } from "node:crypto";

/** Bytes of a request id: 12 of the caller, then the call's number. */
const REQUEST_ID_BYTES = 16;
export const CALLER_ID_BYTES = 12;

/** Identifies a client for its lifetime. With the call's number it makes a request id unique in the mesh. */
export function newCallerId(): Uint8Array {
  return randomBytes(CALLER_ID_BYTES);
}

let strangers: Buffer | undefined;
let strangersSoFar = 0;

/** A whole request id, for callers that did not send one: as if this process were one client that makes all of them. */
export function newRequestId(): Uint8Array {
  return strangerId(newStranger());
}

/** The number of a request whose id may never be asked for. */
export function newStranger(): number {
  return (strangersSoFar = (strangersSoFar + 1) >>> 0);
}

/** The id that goes with it. */
export function strangerId(number: number): Uint8Array {
  strangers ??= randomBytes(CALLER_ID_BYTES);
  const id = Buffer.allocUnsafe(REQUEST_ID_BYTES);
  id.set(strangers);
  id.writeUInt32BE(number, CALLER_ID_BYTES);
  return id;
}

/** 32 hexadecimal digits: the form for logs, and a W3C trace id where the request is the root of its trace. */
export function requestIdText(id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString("hex");
}
