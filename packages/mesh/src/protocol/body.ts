import {
  Decoder,
  EXT_TIMESTAMP,
  Encoder,
  ExtensionCodec,
  decodeTimestampExtension,
  encodeTimestampExtension,
} from "@msgpack/msgpack";
import { MeshError, messageOf } from "../errors.ts";
import { MAX_DEPTH, faultOf } from "./guard.ts";
import { withNodeStringsDecoder, withNodeStringsEncoder } from "./node-strings.ts";
import { lossOf } from "./sendable.ts";

/**
 * The body of a frame: strings and bytes as they are, nothing for undefined, MessagePack for the rest.
 * The encoder and the decoder are reused: building one costs more than most bodies.
 */

export const Encoding = { none: 0, msgpack: 1, text: 2, bytes: 3 } as const;
export type Encoding = (typeof Encoding)[keyof typeof Encoding];

/** MessagePack extension type of a bigint: a sign byte (0 or 1), then the magnitude, big-endian. */
const BIGINT_TYPE = 1;
const BIGINT_MAX_BYTES = 1_024;
/** An encoder whose buffer has grown past this is let go: one large body must not cost its size for ever. */
const KEEP_BUFFER_BYTES = 4 * 1_048_576;

const extensionCodec = new ExtensionCodec();
extensionCodec.register({ type: EXT_TIMESTAMP, encode: encodeDate, decode: decodeTimestampExtension });
extensionCodec.register({ type: BIGINT_TYPE, encode: encodeBigint, decode: decodeBigint });

let encoder: Encoder = newEncoder();
const decoder = withNodeStringsDecoder(new Decoder({ extensionCodec }));

const EMPTY = new Uint8Array(0);

export interface EncodedBody {
  encoding: Encoding;
  /** For `msgpack` a view of the encoder's own buffer: copy it before anything else is encoded. */
  bytes: Uint8Array;
}

/**
 * @throws MeshError `bad_request` for what MessagePack cannot hold: functions, symbols, cycles, nesting over 100, and
 *   objects that would arrive empty, such as a Map
 */
export function encodeBody(value: unknown): EncodedBody {
  if (typeof value === "string") return { encoding: Encoding.text, bytes: Buffer.from(value, "utf8") };
  if (value instanceof Uint8Array) return { encoding: Encoding.bytes, bytes: value };
  if (value === undefined) return { encoding: Encoding.none, bytes: EMPTY };
  return { encoding: Encoding.msgpack, bytes: encodeShared(value) };
}

/** MessagePack of a value, as a view of the encoder's own buffer: copy it before anything else is encoded. */
export function encodeShared(value: unknown): Uint8Array {
  try {
    const bytes = encoder.encodeSharedRef(value);
    if (bytes.buffer.byteLength > KEEP_BUFFER_BYTES) encoder = newEncoder();
    return bytes;
  } catch (error) {
    throw new MeshError("bad_request", `this value cannot be sent: ${messageOf(error)}.`, { cause: error });
  }
}

/** @throws MeshError `bad_request` when the bytes are not what the encoding says. */
export function decodeBody(encoding: Encoding, bytes: Uint8Array): unknown {
  if (encoding === Encoding.msgpack) return decodeMsgpack(bytes);
  if (encoding === Encoding.text) return textOf(bytes);
  return encoding === Encoding.bytes ? bytes : undefined;
}

export function decodeMsgpack(bytes: Uint8Array): unknown {
  const fault = faultOf(bytes, 0);
  if (fault) throw new MeshError("bad_request", `the body is not sound MessagePack: ${fault}.`);
  try {
    return decoder.decode(bytes);
  } catch (error) {
    throw new MeshError("bad_request", `the body is not sound MessagePack: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}

/** Text of UTF-8 bytes; what is not UTF-8 becomes U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

function newEncoder(): Encoder {
  // The encoder counts the scalars inside the deepest container as a level of their own.
  return withNodeStringsEncoder(
    new Encoder({ extensionCodec, ignoreUndefined: true, maxDepth: MAX_DEPTH + 1 }),
  );
}

/** The first extension to be asked about every object. */
function encodeDate(value: unknown): Uint8Array | null {
  if (typeof value !== "object" || value === null) return null;
  const loss = lossOf(value);
  if (loss !== undefined) throw new TypeError(loss);
  return encodeTimestampExtension(value);
}

function encodeBigint(value: unknown): Uint8Array | null {
  if (typeof value !== "bigint") return null;
  const hex = (value < 0n ? -value : value).toString(16);
  const magnitude = Buffer.from(hex.length % 2 ? `0${hex}` : hex, "hex");
  if (magnitude.length > BIGINT_MAX_BYTES) {
    throw new RangeError(`a bigint of ${magnitude.length} bytes is over the limit of ${BIGINT_MAX_BYTES}`);
  }
  return Buffer.concat([Uint8Array.of(value < 0n ? 1 : 0), magnitude]);
}

function decodeBigint(data: Uint8Array): bigint {
  if (data.length < 2 || data.length > BIGINT_MAX_BYTES + 1 || (data[0] as number) > 1) {
    throw new RangeError("a bigint is malformed");
  }
  const magnitude = BigInt(`0x${Buffer.from(data.subarray(1)).toString("hex")}`);
  return data[0] === 1 ? -magnitude : magnitude;
}
