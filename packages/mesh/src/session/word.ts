import { decodeMsgpack, encodeShared } from "../protocol/body.ts";

/** What replicas say to each other about a session. MessagePack. */

/** I want it. */
export interface Want {
  readonly id: string;
  readonly from: string;
  /** Whoever has it may be waiting for what it is wanted for. */
  readonly mayWait: boolean;
}

/**
 * `wait`: when those that came before have had their turns. `look`: it has gone elsewhere. `free`: it is not here.
 * `busy`: somebody works on it, and you must not wait. A number: it is yours, as it was stored with this revision.
 */
export type Said = "wait" | "look" | "free" | "busy" | number;

const WORDS: ReadonlySet<unknown> = new Set(["wait", "look", "free", "busy"]);

export function packWord(word: Want | { readonly said: Said }): Uint8Array {
  return Uint8Array.from(encodeShared(word));
}

/** Undefined for what makes no sense. */
export function wantIn(payload: Uint8Array): Want | undefined {
  const { id, from, mayWait } = fieldsOf(payload);
  if (typeof id !== "string" || typeof from !== "string") return undefined;
  return { id, from, mayWait: mayWait !== false };
}

/** Undefined for what makes no sense. */
export function saidIn(payload: Uint8Array): Said | undefined {
  const { said } = fieldsOf(payload);
  return WORDS.has(said) || typeof said === "number" ? (said as Said) : undefined;
}

function fieldsOf(payload: Uint8Array): Record<string, unknown> {
  try {
    const fields: unknown = decodeMsgpack(payload);
    return typeof fields === "object" && fields !== null ? (fields as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
