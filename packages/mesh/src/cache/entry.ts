import { decodeBody, decodeMsgpack, encodeShared } from "../protocol/body.ts";
import type { Outcome } from "./outcome.ts";

/** What replicas keep together under a key: the outcome, or the name of whoever works on it. MessagePack. */
export type SharedEntry =
  | {
      readonly outcome: Outcome;
      /** How old it was when it was written. */
      readonly ageMs: number;
    }
  | { readonly claim: ClaimNote };

/** Who works on it. */
export interface ClaimNote {
  readonly holder: string;
  /** Where it hears of those that wait. */
  readonly inbox: string;
}

const VERSION = 1;

export function packOutcome(outcome: Outcome, ageMs: number): Uint8Array {
  return packed({ version: VERSION, ...outcome, ageMs });
}

export function packClaim(claim: ClaimNote): Uint8Array {
  return packed({ version: VERSION, claim });
}

/** Undefined for what makes no sense here: something else wrote it, or another version. */
export function unpackEntry(bytes: Uint8Array): SharedEntry | undefined {
  const fields = fieldsOf(bytes);
  if (fields?.["version"] !== VERSION) return undefined;
  const { claim } = fields;
  if (isRecord(claim)) {
    const { holder, inbox } = claim;
    return typeof holder === "string" && typeof inbox === "string" ? { claim: { holder, inbox } } : undefined;
  }
  const { encoding, bytes: body, isFailure, metadata, tags, ttlMs, staleMs, ageMs } = fields;
  if (!isEncoding(encoding) || !(body instanceof Uint8Array) || !isTime(ttlMs)) return undefined;
  if (!isSound(encoding, body)) return undefined;
  const outcome: Outcome = {
    encoding,
    bytes: body,
    isFailure: isFailure === true,
    metadata: isRecord(metadata) ? metadata : undefined,
    tags: Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [],
    ttlMs,
    staleMs: isTime(staleMs) ? staleMs : 0,
  };
  return { outcome, ageMs: isTime(ageMs) ? ageMs : 0 };
}

function packed(fields: object): Uint8Array {
  // A view of the encoder's buffer.
  return Uint8Array.from(encodeShared(fields));
}

function fieldsOf(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const fields: unknown = decodeMsgpack(bytes);
    return isRecord(fields) ? fields : undefined;
  } catch {
    return undefined;
  }
}

/** What is no value would fail whoever asks for it. */
function isSound(encoding: Outcome["encoding"], body: Uint8Array): boolean {
  try {
    decodeBody(encoding, body);
    return true;
  } catch {
    return false;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isEncoding(value: unknown): value is Outcome["encoding"] {
  return value === 0 || value === 1 || value === 2 || value === 3;
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && value >= 0;
}
