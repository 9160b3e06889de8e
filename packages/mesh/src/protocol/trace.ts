/** W3C Trace Context (https://www.w3.org/TR/trace-context/) as it rides in a frame: 16 + 8 + 1 bytes. */

export interface Trace {
  /** 32 lower-case hexadecimal digits. */
  readonly traceId: string;
  /** The caller's span: 16 lower-case hexadecimal digits. */
  readonly spanId: string;
  readonly sampled: boolean;
  /** What tracing systems have to say to each other (`tracestate`), passed on as it is. */
  readonly state?: string | undefined;
  /** Its ids are those of requests: nobody has recorded a span of it, nor decided whether anybody should. */
  readonly derived?: boolean | undefined;
}

const TRACE_BYTES = 25;
const SAMPLED = 0x01;
/** Only in frames. */
const DERIVED = 0x80;
/** Of a `tracestate`, which ends there if it is longer: the standard asks for as much at least. */
const MOST_STATE = 512;

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** The trace of which a request is the root. */
export function derivedTrace(requestId: string): Trace {
  return { traceId: requestId, spanId: spanOf(requestId), sampled: false, derived: true };
}

/** A request's own span where nobody records spans: the second half of its id, which holds the call's number. */
export function spanOf(requestId: string): string {
  return requestId.slice(16);
}

export function encodeTrace(trace: Trace): Uint8Array {
  const { traceId, spanId, sampled, derived } = trace;
  const flags = (sampled ? SAMPLED : 0) | (derived ? DERIVED : 0);
  return Buffer.from(traceId + spanId + flags.toString(16).padStart(2, "0"), "hex");
}

/** Undefined unless the bytes are one whole trace context with ids that are not zero. */
export function decodeTrace(bytes: Uint8Array): Trace | undefined {
  if (bytes.length !== TRACE_BYTES) return undefined;
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
  const trace = valid(hex.slice(0, 32), hex.slice(32, 48), hex.slice(48));
  return trace && (bytes[TRACE_BYTES - 1] as number) & DERIVED ? { ...trace, derived: true } : trace;
}

/** A `tracestate` as it is passed on: one line of printable ASCII, whole members up to 512 characters; undefined when there are none. */
export function checkedState(state: string): string | undefined {
  let text = state.trim();
  if (text === "" || /[^ -~]/.test(text)) return undefined;
  while (text.length > MOST_STATE) text = text.slice(0, Math.max(0, text.lastIndexOf(",")));
  return text === "" ? undefined : text;
}

/** Reads the headers `traceparent` and `tracestate`; undefined when the first is malformed, as the standard has it. */
export function parseTraceparent(header: string, tracestate?: string): Trace | undefined {
  const match = TRACEPARENT.exec(header.trim());
  if (!match) return undefined;
  const [, version, traceId = "", spanId = "", flags = "", more] = match;
  // Only versions after 00 may say more at the end, and ff is no version.
  if (version === "ff" || (version === "00" && more !== undefined)) return undefined;
  const trace = valid(traceId, spanId, flags);
  const state = tracestate === undefined ? undefined : checkedState(tracestate);
  return trace && state !== undefined ? { ...trace, state } : trace;
}

export function formatTraceparent(trace: Trace): string {
  return `00-${trace.traceId}-${trace.spanId}-${trace.sampled ? "01" : "00"}`;
}

function valid(traceId: string, spanId: string, flags: string): Trace | undefined {
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}
