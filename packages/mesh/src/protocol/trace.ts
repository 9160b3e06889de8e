/** W3C Trace Context (https://www.w3.org/TR/trace-context/) as it rides in a frame: 16 + 8 + 1 bytes. */

export interface Trace {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string;
  /** The caller's span: 16 lower-case hexadecimal digits. */
  readonly spanId: string;
  readonly sampled: boolean;
}

const TRACE_BYTES = 25;

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

export function encodeTrace(trace: Trace): Uint8Array {
  return Buffer.from(trace.traceId + trace.spanId + (trace.sampled ? "01" : "00"), "hex");
}

/** Undefined unless the bytes are one whole trace context with ids that are not zero. */
export function decodeTrace(bytes: Uint8Array): Trace | undefined {
  if (bytes.length !== TRACE_BYTES) return undefined;
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
  return valid(hex.slice(0, 32), hex.slice(32, 48), hex.slice(48));
}

/** Reads a `traceparent` header; undefined when it is malformed, as the standard has it. */
export function parseTraceparent(header: string): Trace | undefined {
  const match = TRACEPARENT.exec(header.trim());
  if (!match) return undefined;
  const [, version, traceId = "", spanId = "", flags = "", more] = match;
  // Only versions after 00 may say more at the end, and ff is no version.
  if (version === "ff" || (version === "00" && more !== undefined)) return undefined;
  return valid(traceId, spanId, flags);
}

export function formatTraceparent(trace: Trace): string {
  return `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? "01" : "00"}`;
}

function valid(traceId: string, spanId: string, flags: string): Trace | undefined {
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}
