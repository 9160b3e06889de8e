import { MeshError, messageOf } from "../errors.ts";
import { decodeMsgpack, encodeShared, textOf } from "./body.ts";

/** Which kept answers of an agent are to be forgotten; all, where it says nothing. */
export interface ClearRequest {
  readonly method?: string | undefined;
  /** What the method's own `key` gives. */
  readonly key?: string | undefined;
  /** The input whose answer it is. */
  readonly input?: unknown;
  /** The input is text as somebody typed it. */
  readonly typed?: boolean | undefined;
  readonly tag?: string | undefined;
}

/** What one process has forgotten. JSON. */
export interface ClearReply {
  readonly replicas?: number;
  readonly answers?: number;
  readonly error?: string;
  readonly message?: string;
}

const OPENING_BRACE = 0x7b;

export function encodeClear(request: ClearRequest): Uint8Array {
  return Uint8Array.from(encodeShared(request));
}

/** Reads JSON, as a person types it, as well. @throws MeshError `bad_request` */
export function decodeClear(payload: Uint8Array): ClearRequest {
  if (payload.length === 0) return {};
  const parsed: unknown = payload[0] === OPENING_BRACE ? parse(textOf(payload)) : decodeMsgpack(payload);
  if (typeof parsed !== "object" || parsed === null) throw wrong("it is no set of fields");
  const { method, key, tag, input, typed } = parsed as Record<string, unknown>;
  for (const [name, field] of Object.entries({ method, key, tag }))
    if (field !== undefined && typeof field !== "string") throw wrong(`${name} is not text`);
  return {
    ...(typeof method === "string" ? { method } : {}),
    ...(typeof key === "string" ? { key } : {}),
    ...(typeof tag === "string" ? { tag } : {}),
    ...(input === undefined ? {} : { input, typed: typed === true }),
  };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw wrong(messageOf(error));
  }
}

function wrong(why: string): MeshError {
  return new MeshError(
    "bad_request",
    `what is to be cleared cannot be read: ${why}. Send {"tag":"…"}, {"key":"…"} or {"input":…}.`,
  );
}
