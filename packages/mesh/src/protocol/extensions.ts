import { MeshError } from "../errors.ts";
import { textOf } from "./body.ts";
import { type Trace, decodeTrace, encodeTrace } from "./trace.ts";

/**
 * What rides between a frame's header and its body: tag (1 byte), length (2 bytes, big-endian), value.
 * A reader skips a tag it does not know, unless the tag's high bit says that it must not.
 */

const Tag = { replica: 1, chain: 2, idempotencyKey: 3, trace: 4, window: 5 } as const;
const CRITICAL = 0x80;
const MAX_BYTES = 0xffff;

export interface Extensions {
  /** Who answers, or holds the request. */
  replica?: string | undefined;
  /** Agents that wait for this request, outermost first. */
  chain?: readonly string[] | undefined;
  idempotencyKey?: string | undefined;
  trace?: Trace | undefined;
  /** Credit that the caller grants at the start. */
  window?: number | undefined;
}

/** Undefined when there is nothing to say. @throws MeshError `too_large` over 65,535 bytes in all */
export function encodeExtensions(extensions: Extensions): Uint8Array | undefined {
  const fields: Uint8Array[] = [];
  const { replica, chain, idempotencyKey, trace, window } = extensions;
  if (replica !== undefined) push(fields, Tag.replica, Buffer.from(replica));
  if (chain !== undefined && chain.length > 0) push(fields, Tag.chain, Buffer.from(chain.join(",")));
  if (idempotencyKey !== undefined) push(fields, Tag.idempotencyKey, Buffer.from(idempotencyKey));
  if (trace !== undefined) push(fields, Tag.trace, encodeTrace(trace));
  if (window !== undefined) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(window);
    push(fields, Tag.window, bytes);
  }
  if (fields.length === 0) return undefined;
  const all = Buffer.concat(fields);
  if (all.length <= MAX_BYTES) return all;
  throw new MeshError(
    "too_large",
    `the request's metadata takes ${all.length} bytes and the limit is ${MAX_BYTES}.`,
  );
}

/** @throws MeshError `bad_request` when the bytes are cut short or hold a critical tag that is unknown */
export function decodeExtensions(bytes: Uint8Array): Extensions {
  const extensions: Extensions = {};
  for (let at = 0; at < bytes.length;) {
    const start = at + 3;
    const end = start + (((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0));
    if (start > bytes.length || end > bytes.length) {
      throw new MeshError("bad_request", "malformed frame: an extension is cut short.");
    }
    const value = bytes.subarray(start, end);
    const tag = bytes[at] as number;
    at = end;
    if (tag === Tag.replica) extensions.replica = textOf(value);
    else if (tag === Tag.chain) extensions.chain = textOf(value).split(",");
    else if (tag === Tag.idempotencyKey) extensions.idempotencyKey = textOf(value);
    else if (tag === Tag.trace) extensions.trace = decodeTrace(value);
    else if (tag === Tag.window && value.length === 4) extensions.window = Buffer.from(value).readUInt32BE();
    else if (tag & CRITICAL) {
      throw new MeshError("bad_request", `the frame needs extension ${tag}, which this peer does not know.`);
    }
  }
  return extensions;
}

function push(fields: Uint8Array[], tag: number, value: Uint8Array): void {
  if (value.length > MAX_BYTES) {
    throw new MeshError(
      "too_large",
      `a metadata field of ${value.length} bytes is over the limit of ${MAX_BYTES}.`,
    );
  }
  fields.push(Uint8Array.of(tag, value.length >>> 8, value.length), value);
}
