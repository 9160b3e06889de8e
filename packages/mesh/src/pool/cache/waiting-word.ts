import { type SharedEntry, packOutcome, unpackEntry } from "../../cache/entry.ts";
import type { Outcome } from "../../cache/outcome.ts";
import { decodeMsgpack, encodeShared } from "../../protocol/body.ts";

/**
 * What replicas say to each other while one works on what others wait for. Whoever waits says so, and for how long; the
 * one that works says that it does, and then what has come of it. MessagePack.
 */

/** @param waitMs 0: no longer */
export function waitsFor(waitMs: number): Uint8Array {
  return Uint8Array.from(encodeShared({ waitMs }));
}

/** Undefined for what makes no sense. */
export function waitMsIn(payload: Uint8Array): number | undefined {
  const waitMs = fieldIn(payload, "waitMs");
  return typeof waitMs === "number" && waitMs >= 0 ? waitMs : undefined;
}

/** It is worked on. */
export const WORKS: Uint8Array = Uint8Array.from(encodeShared({ is: "works" }));
/** It is no longer worked on: look for it. */
export const LOOK: Uint8Array = Uint8Array.from(encodeShared({ is: "over" }));

export function tells(outcome: Outcome, ageMs: number): Uint8Array {
  return packOutcome(outcome, ageMs);
}

export type Told = "works" | "look" | SharedEntry | undefined;

export function toldIn(payload: Uint8Array): Told {
  const is = fieldIn(payload, "is");
  if (is === "works") return "works";
  return is === "over" ? "look" : unpackEntry(payload);
}

function fieldIn(payload: Uint8Array, field: string): unknown {
  try {
    const fields: unknown = decodeMsgpack(payload);
    return typeof fields === "object" && fields !== null ? Reflect.get(fields, field) : undefined;
  } catch {
    return undefined;
  }
}
