import { MeshError } from "../errors.ts";
import { type Encoding, decodeBody, encodeBody } from "./body.ts";
import { CALLER_ID_BYTES } from "./request-id.ts";

/**
 * The frame: what Shoal peers send each other. A fixed header that is read and patched in place, extensions, a body.
 * docs/wire.md has it byte by byte.
 *
 * F1: the first byte is 0xC1, which begins neither MessagePack nor UTF-8, so a frame is never mistaken for plain text.
 * F2: reading a frame touches neither its extensions nor its body, and never reads outside the payload.
 * F3: whatever the bytes are, reading ends in a `Frame` or in a MeshError `bad_request`.
 */

export const MAGIC = 0xc1;
const VERSION = 1;
export const HEADER_BYTES = 16;
/** A request's header is followed by its caller's id. */
export const REQUEST_HEADER_BYTES: number = HEADER_BYTES + CALLER_ID_BYTES;

export const Kind = {
  request: 1,
  result: 2,
  error: 3,
  chunk: 4,
  end: 5,
  accepted: 6,
  part: 7,
  cancel: 8,
  credit: 9,
  ping: 10,
  pong: 11,
  offer: 12,
  claim: 13,
  give: 14,
  pass: 15,
  ask: 16,
  answer: 17,
  left: 18,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];
const LAST_KIND = Kind.left;

/** The number of what is said of no call: calls count from 1. */
export const NO_CALL = 0;

/** Of a replica that has not spoken for itself: how often it has lost its connection. */
export const UNKNOWN_BREAKS = 0xffff_ffff;

const ENCODING_BITS = 0b0011;
/** On a request: the caller takes a stream. On a result: the body came before, in parts. On an answer: it is none. */
const MULTI_BIT = 0b0100;
/** On a request: the body is text as somebody typed it, to be read by the rules of plain payloads. */
const TYPED_BIT = 0b1000;

const MAX_U32 = 0xffff_ffff;
const MAX_MOVES = 0xff;
const OFFSET = {
  version: 1,
  kind: 2,
  flags: 3,
  call: 4,
  value: 8,
  extensions: 12,
  attempt: 14,
  moves: 15,
} as const;

/** F1 */
export function isFrame(payload: Uint8Array): boolean {
  return payload.length > 0 && payload[0] === MAGIC;
}

/** A view of one received frame: F2. */
export class Frame {
  readonly bytes: Uint8Array;
  readonly kind: Kind;
  private readonly bodyStart: number;

  /** F3. @throws MeshError `bad_request` saying what is malformed */
  constructor(bytes: Uint8Array) {
    const { length } = bytes;
    if (length < HEADER_BYTES) throw malformed(`${length} bytes are fewer than a header's ${HEADER_BYTES}`);
    if (bytes[0] !== MAGIC) throw malformed("it does not begin with 0xC1");
    if (bytes[OFFSET.version] !== VERSION) {
      throw malformed(`its version is ${bytes[OFFSET.version]} and this peer speaks version ${VERSION}`);
    }
    const kind = bytes[OFFSET.kind] as number;
    if (kind < 1 || kind > LAST_KIND) throw malformed(`its kind ${kind} is unknown`);
    const header = kind === Kind.request ? REQUEST_HEADER_BYTES : HEADER_BYTES;
    const bodyStart =
      header + (((bytes[OFFSET.extensions] as number) << 8) | (bytes[OFFSET.extensions + 1] as number));
    if (bodyStart > length) throw malformed(`its header and extensions take ${bodyStart} bytes of ${length}`);
    this.bytes = bytes;
    this.kind = kind as Kind;
    this.bodyStart = bodyStart;
  }

  /** The caller's number for the call. */
  get call(): number {
    return readU32(this.bytes, OFFSET.call);
  }

  /** Request: milliseconds left. Chunk, part and end: sequence number from 0. Credit: units granted. Ask and answer: the question's number. */
  get value(): number {
    return readU32(this.bytes, OFFSET.value);
  }

  /** 1 for the first attempt. */
  get attempt(): number {
    return this.bytes[OFFSET.attempt] as number;
  }

  /** How often the request has been moved from one replica to another; on what is sent to its caller too. */
  get moves(): number {
    return this.bytes[OFFSET.moves] as number;
  }

  get encoding(): Encoding {
    return ((this.bytes[OFFSET.flags] as number) & ENCODING_BITS) as Encoding;
  }

  /** On a request: the caller takes a stream. On a result: the body came before, in parts. On an answer: it is none. */
  get multi(): boolean {
    return ((this.bytes[OFFSET.flags] as number) & MULTI_BIT) !== 0;
  }

  /** On a request: the body is text as somebody typed it, to be read by the rules of plain payloads. */
  get typed(): boolean {
    return ((this.bytes[OFFSET.flags] as number) & TYPED_BIT) !== 0;
  }

  /** The 16 bytes that name a request in the whole mesh: its caller, then its number. */
  get requestId(): Uint8Array {
    const id = new Uint8Array(CALLER_ID_BYTES + 4);
    id.set(this.bytes.subarray(HEADER_BYTES, REQUEST_HEADER_BYTES));
    id.set(this.bytes.subarray(OFFSET.call, OFFSET.call + 4), CALLER_ID_BYTES);
    return id;
  }

  /** Of a request: its caller, as a key. */
  get sender(): string {
    const { buffer, byteOffset } = this.bytes;
    return Buffer.from(buffer, byteOffset + HEADER_BYTES, CALLER_ID_BYTES).toString("latin1");
  }

  get hasExtensions(): boolean {
    return this.bodyStart > this.headerBytes;
  }

  get extensions(): Uint8Array {
    return this.bytes.subarray(this.headerBytes, this.bodyStart);
  }

  get bodyBytes(): Uint8Array {
    return this.bytes.subarray(this.bodyStart);
  }

  /** @throws MeshError `bad_request` */
  body(): unknown {
    return decodeBody(this.encoding, this.bodyBytes);
  }

  private get headerBytes(): number {
    return this.kind === Kind.request ? REQUEST_HEADER_BYTES : HEADER_BYTES;
  }
}

export interface FrameHead {
  kind: Kind;
  call: number;
  value?: number;
  attempt?: number;
  moves?: number;
  multi?: boolean;
  typed?: boolean;
  /** 12 bytes; for requests only. */
  caller?: Uint8Array;
  extensions?: Uint8Array | undefined;
}

/** @throws MeshError `bad_request` when the body cannot be encoded */
export function encodeFrame(head: FrameHead, body?: unknown): Uint8Array {
  const { encoding, bytes } = encodeBody(body);
  return encodeFrameBytes(head, encoding, bytes);
}

/** A frame around a body that is encoded already; `body` is copied. */
export function encodeFrameBytes(head: FrameHead, encoding: Encoding, body: Uint8Array): Uint8Array {
  const { extensions, caller } = head;
  const extensionsStart = caller ? REQUEST_HEADER_BYTES : HEADER_BYTES;
  const extensionsLength = extensions ? extensions.length : 0;
  const bodyStart = extensionsStart + extensionsLength;
  const frame = Buffer.allocUnsafe(bodyStart + body.length);
  const value = head.value ?? 0;
  frame[0] = MAGIC;
  frame[OFFSET.version] = VERSION;
  frame[OFFSET.kind] = head.kind;
  frame[OFFSET.flags] = encoding | (head.multi ? MULTI_BIT : 0) | (head.typed ? TYPED_BIT : 0);
  writeU32(frame, OFFSET.call, head.call);
  writeU32(frame, OFFSET.value, value);
  frame[OFFSET.extensions] = extensionsLength >>> 8;
  frame[OFFSET.extensions + 1] = extensionsLength;
  frame[OFFSET.attempt] = head.attempt ?? 0;
  frame[OFFSET.moves] = head.moves ?? 0;
  if (caller) frame.set(caller, HEADER_BYTES);
  if (extensions) frame.set(extensions, extensionsStart);
  if (body.length > 0) frame.set(body, bodyStart);
  return frame;
}

/** The call's number, read even from a frame that is otherwise malformed; 0 when it is not there. */
export function callOf(payload: Uint8Array): number {
  return payload.length >= OFFSET.call + 4 ? readU32(payload, OFFSET.call) : 0;
}

/** Writes a new remaining time into a request, in place: whole milliseconds, at most what the field holds. */
export function patchRemaining(frame: Uint8Array, remainingMs: number): void {
  writeU32(frame, OFFSET.value, Math.min(MAX_U32, Math.max(0, Math.ceil(remainingMs))));
}

/** Counts in a request, in place, that it is moved once more. */
export function patchMoves(frame: Uint8Array, moves: number): void {
  frame[OFFSET.moves] = Math.min(MAX_MOVES, moves);
}

function readU32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function malformed(why: string): MeshError {
  return new MeshError("bad_request", `malformed frame: ${why}.`);
}
