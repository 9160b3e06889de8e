import { MeshError } from "@shoal/mesh";

/** One message of an answer, but for its end (§6.2). */
export type Chunk =
  | { readonly type: "status"; readonly status: string }
  | { readonly type: "response"; readonly text: string; readonly attachments: number }
  | { readonly type: "query"; readonly id: string; readonly replySubject: string; readonly prompt: string };

/** §6.4: it was heard, and it is worked on. */
export const ACK: Uint8Array = encode("status", "ack");

/** §6.3 */
export function encodeResponse(text: string): Uint8Array {
  return encode("response", text);
}

/** §7.1 */
export function encodeQuery(id: string, replySubject: string, prompt: string): Uint8Array {
  return encode("query", { id, reply_subject: replySubject, prompt });
}

/** What JSON makes of one UTF-16 unit at most: `\u0000`. */
const WIDEST_UNIT = 6;
/** Of the chunk around the text, and to spare. */
const FRAME_BYTES = 64;

/** A text as chunks that fit into one message each; one alone where it fits. */
export function* responsesOf(text: string, maxPayload: number): Generator<Uint8Array> {
  const whole = encodeResponse(text);
  if (whole.length <= maxPayload) return void (yield whole);
  const units = Math.max(2, Math.floor((maxPayload - FRAME_BYTES) / WIDEST_UNIT));
  for (let from = 0; from < text.length;) {
    let to = Math.min(from + units, text.length);
    // A pair of surrogates is one character.
    if (to < text.length && isHigh(text.charCodeAt(to - 1))) to--;
    yield encodeResponse(text.slice(from, to));
    from = to;
  }
}

/** @returns undefined for kinds that are not known (§6.6). @throws MeshError `internal` for what is no chunk */
export function decodeChunk(payload: Uint8Array): Chunk | undefined {
  const { type, data } = objectIn(payload);
  if (type === "status" && typeof data === "string") return { type, status: data };
  if (type === "response") {
    if (typeof data === "string") return { type, text: data, attachments: 0 };
    const { text, attachments } = fieldsOf(data);
    const count = Array.isArray(attachments) ? attachments.length : 0;
    if (typeof text === "string") return { type, text, attachments: count };
    throw malformed("a response without text");
  }
  if (type === "query") {
    const { id, reply_subject: replySubject, prompt } = fieldsOf(data);
    if (typeof id === "string" && typeof replySubject === "string" && typeof prompt === "string")
      return { type, id, replySubject, prompt };
    throw malformed("a query without id, reply_subject or prompt");
  }
  if (typeof type !== "string") throw malformed("no type");
  return undefined;
}

function encode(type: string, data: unknown): Uint8Array {
  return Buffer.from(JSON.stringify({ type, data }));
}

function objectIn(payload: Uint8Array): Record<string, unknown> {
  try {
    return fieldsOf(JSON.parse(Buffer.from(payload).toString()));
  } catch (error) {
    throw malformed("no JSON", error);
  }
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function malformed(why: string, cause?: unknown): MeshError {
  return new MeshError("internal", `the agent sent a chunk that is none: ${why}.`, { cause });
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
