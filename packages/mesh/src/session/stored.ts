import { decodeMsgpack, encodeShared } from "../protocol/body.ts";
import type { StoredSession } from "./keeper.ts";

/** What is stored of a session, as bytes. MessagePack. */

const VERSION = 1;

export function packSession(session: StoredSession): Uint8Array {
  // A view of the encoder's buffer.
  return Uint8Array.from(encodeShared({ version: VERSION, ...session }));
}

/** Undefined for what makes no sense here: something else wrote it, or another version. */
export function unpackSession(bytes: Uint8Array): StoredSession | undefined {
  try {
    const fields = decodeMsgpack(bytes) as Record<string, unknown> | null;
    if (fields?.["version"] !== VERSION) return undefined;
    const { owner, state, changes, since, renewedAt } = fields;
    if (typeof owner !== "string" || typeof changes !== "number") return undefined;
    if (typeof since !== "number" || typeof renewedAt !== "number") return undefined;
    // A copy: what is stored may be a part of something larger.
    const own = state instanceof Uint8Array ? Uint8Array.from(state) : undefined;
    return { owner, changes, since, renewedAt, state: own };
  } catch {
    return undefined;
  }
}
