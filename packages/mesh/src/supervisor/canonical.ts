import { createHash } from "node:crypto";
import { encodeBody } from "../protocol/body.ts";

/** The same text for the same method and input, however the input's fields are ordered. */
export function canonicalKey(method: string, input: unknown): string {
  return createHash("sha256")
    .update(method)
    .update("\0")
    .update(encodeBody(sorted(input)).bytes)
    .digest("base64");
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
