import { MeshError } from "../errors.ts";
import { textOf } from "./body.ts";
import { type ReplyMetadata, decodeMetadata, encodeMetadata } from "./metadata.ts";
import { type Priority, decodePriority, encodePriority } from "./priority.ts";
import { type Trace, checkedState, decodeTrace, encodeTrace } from "./trace.ts";

/**
 * What rides between a frame's header and its body: tag (1 byte), length (2 bytes, big-endian), value.
 * A reader skips a tag it does not know, unless the tag's high bit says that it must not.
 */

const Tag = {
  replica: 1,
  chain: 2,
  idempotencyKey: 3,
  trace: 4,
  window: 5,
  method: 6,
  avoid: 7,
  retries: 8,
  undegraded: 9,
  from: 10,
  metadata: 11,
  priority: 12,
  session: 13,
  askable: 14,
  tokens: 15,
  traceState: 16,
} as const;
const CRITICAL = 0x80;
const MAX_BYTES = 0xffff;
const MAX_U32 = 0xffff_ffff;
const MAX_RETRIES = 255;
const YES = Uint8Array.of(1);
/** A replica's id becomes part of a subject: what is not one token would be read by NATS as something else. */
const REPLICA = /^[A-Za-z0-9_-]{1,255}$/;

export interface Extensions {
  /** Who answers, or holds the request. */
  replica?: string | undefined;
  /** Agents that wait for this request, outermost first. */
  chain?: readonly string[] | undefined;
  idempotencyKey?: string | undefined;
  trace?: Trace | undefined;
  /** Credit that the caller grants at the start. */
  window?: number | undefined;
  /** Of a request to one replica alone, whose subject does not say it. */
  method?: string | undefined;
  /** Replicas that should leave the request to another. */
  avoid?: readonly string[] | undefined;
  /** Further attempts that whoever serves the request may make; undefined: as many as it likes. */
  retries?: number | undefined;
  /** An answer that is not the real one is of no use to the caller. */
  undegraded?: boolean | undefined;
  /** Chunks of the stream that the caller has already. */
  from?: number | undefined;
  /** What goes with an answer. */
  metadata?: ReplyMetadata | undefined;
  /** Where the request goes when it must wait; undefined: `normal`. */
  priority?: Priority | undefined;
  /** The session that the request belongs to. */
  session?: string | undefined;
  /** The caller answers questions. */
  askable?: boolean | undefined;
  /** Tokens of language models that the request may use; undefined: as many as it likes. */
  tokens?: number | undefined;
}

/**
 * Undefined when there is nothing to say.
 * @throws MeshError `too_large` over 65,535 bytes in all; `bad_request` for a window that is no whole number from 1
 */
export function encodeExtensions(extensions: Extensions): Uint8Array | undefined {
  const fields: Uint8Array[] = [];
  const { replica, chain, idempotencyKey, trace, window, method } = extensions;
  const { avoid, retries, undegraded, from, metadata, priority, session, askable, tokens } = extensions;
  if (replica !== undefined) push(fields, Tag.replica, Buffer.from(replica));
  if (chain !== undefined && chain.length > 0) push(fields, Tag.chain, Buffer.from(chain.join(",")));
  if (idempotencyKey !== undefined && idempotencyKey !== "")
    push(fields, Tag.idempotencyKey, Buffer.from(idempotencyKey));
  if (trace !== undefined) push(fields, Tag.trace, encodeTrace(trace));
  if (trace?.state !== undefined) push(fields, Tag.traceState, Buffer.from(trace.state));
  if (window !== undefined) push(fields, Tag.window, u32("window", window, 1));
  if (method !== undefined) push(fields, Tag.method, Buffer.from(method));
  if (avoid !== undefined && avoid.length > 0) push(fields, Tag.avoid, Buffer.from(avoid.join(",")));
  if (retries !== undefined) push(fields, Tag.retries, Uint8Array.of(Math.min(retries, MAX_RETRIES)));
  if (undegraded) push(fields, Tag.undegraded, YES);
  if (from !== undefined && from > 0) push(fields, Tag.from, u32("from", from, 1));
  if (metadata !== undefined) push(fields, Tag.metadata, encodeMetadata(metadata));
  const urgency = priority && encodePriority(priority);
  if (urgency) push(fields, Tag.priority, urgency);
  if (session !== undefined) push(fields, Tag.session, Buffer.from(session));
  if (askable) push(fields, Tag.askable, YES);
  if (tokens !== undefined) push(fields, Tag.tokens, u32("tokens", Math.min(tokens, MAX_U32), 1));
  if (fields.length === 0) return undefined;
  const all = Buffer.concat(fields);
  if (all.length <= MAX_BYTES) return all;
  throw new MeshError(
    "too_large",
    `the request's metadata takes ${all.length} bytes and the limit is ${MAX_BYTES}.`,
  );
}

/**
 * A known tag whose value makes no sense is passed over, as an unknown one is.
 * @throws MeshError `bad_request` when the bytes are cut short or hold a critical tag that is unknown
 */
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
    read(extensions, tag, value);
  }
  return extensions;
}

function read(extensions: Extensions, tag: number, value: Uint8Array): void {
  if (tag & CRITICAL) {
    throw new MeshError("bad_request", `the frame needs extension ${tag}, which this peer does not know.`);
  }
  if (value.length === 0) return;
  if (tag === Tag.replica) {
    const replica = textOf(value);
    if (REPLICA.test(replica)) extensions.replica = replica;
  } else if (tag === Tag.chain) extensions.chain = textOf(value).split(",");
  else if (tag === Tag.idempotencyKey) extensions.idempotencyKey = textOf(value);
  else if (tag === Tag.method) extensions.method = textOf(value);
  else if (tag === Tag.trace) extensions.trace = decodeTrace(value);
  else if (tag === Tag.traceState) readState(extensions, value);
  else if (tag === Tag.window && value.length === 4) extensions.window = Buffer.from(value).readUInt32BE();
  else if (tag === Tag.avoid) extensions.avoid = textOf(value).split(",");
  else if (tag === Tag.retries && value.length === 1) extensions.retries = value[0];
  else if (tag === Tag.undegraded) extensions.undegraded = true;
  else if (tag === Tag.from && value.length === 4) extensions.from = Buffer.from(value).readUInt32BE();
  else if (tag === Tag.metadata) extensions.metadata = decodeMetadata(value);
  else if (tag === Tag.priority) readPriority(extensions, value);
  else if (tag === Tag.session) extensions.session = textOf(value);
  else if (tag === Tag.askable) extensions.askable = true;
  else if (tag === Tag.tokens && value.length === 4) extensions.tokens = Buffer.from(value).readUInt32BE();
}

/** It comes after the trace that it belongs to. */
function readState(extensions: Extensions, value: Uint8Array): void {
  const state = checkedState(textOf(value));
  if (extensions.trace && state !== undefined) extensions.trace = { ...extensions.trace, state };
}

function readPriority(extensions: Extensions, value: Uint8Array): void {
  const priority = decodePriority(value);
  if (priority) extensions.priority = priority;
}

function u32(name: string, value: number, least: number): Uint8Array {
  if (!Number.isInteger(value) || value < least || value > MAX_U32) {
    throw new MeshError(
      "bad_request",
      `${name} is ${value}; it must be a whole number from ${least} to ${MAX_U32}.`,
    );
  }
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
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
