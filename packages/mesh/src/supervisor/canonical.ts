import { createHash } from "node:crypto";
import { encodeBody } from "../protocol/body.ts";

/**
 * The same text for the same method and input, however the input's fields are ordered. Undefined for what has no bytes:
 * inside one process anything may be passed.
 */
export function canonicalKey(method: string, input: unknown): string | undefined {
  try {
    const { bytes } = encodeBody(sorted(input));
    return createHash("sha256").update(method).update("\0").update(bytes).digest("base64");
  } catch {
    return undefined;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .map(([key, field]) => [key, sorted(field)] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}
