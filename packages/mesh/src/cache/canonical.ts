import { createHash } from "node:crypto";
import { lossOf } from "../protocol/sendable.ts";

/**
 * One text for each input, from which its key is made.
 *
 * K19: inputs that a handler cannot tell apart have one text: fields in any order, fields that are `undefined` or not
 *     there, `-0` and `0`. Others never have the same: `"1"`, `1`, `1n`, a date and bytes differ.
 */

const MAX_DEPTH = 100;

/**
 * Undefined for what has no such text: functions, cycles, and objects that keep what they hold where nobody sees it, such
 * as a Map.
 */
export function canonicalText(value: unknown): string | undefined {
  try {
    return textOf(value, 0);
  } catch {
    return undefined;
  }
}

/** Names a text: 43 letters, digits, "-" and "_". */
export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

/** Undefined for what has no canonical text. */
export function canonicalKey(method: string, input: unknown): string | undefined {
  const text = canonicalText(input);
  return text === undefined ? undefined : digestOf(`${method} ${text}`);
}

function textOf(value: unknown, depth: number): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "bigint":
      return `${value}n`;
    case "number":
    case "boolean":
    case "undefined":
      return String(value);
    case "object":
      return value === null ? "null" : objectText(value, depth);
    case "function":
    case "symbol":
      throw new TypeError(`a ${typeof value} has no text`);
  }
}

function objectText(value: object, depth: number): string {
  if (depth > MAX_DEPTH) throw new RangeError("nested too deeply");
  const loss = lossOf(value);
  if (loss !== undefined) throw new TypeError(loss);
  if (Array.isArray(value)) return `[${Array.from(value, (item) => textOf(item, depth + 1)).join(",")}]`;
  if (value instanceof Date) return `@${value.getTime()}`;
  if (ArrayBuffer.isView(value)) return bytesText(value);
  const fields: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const field = (value as Record<string, unknown>)[key];
    if (field !== undefined) fields.push(`${JSON.stringify(key)}:${textOf(field, depth + 1)}`);
  }
  return `{${fields.join(",")}}`;
}

/** A Buffer is a Uint8Array as any other. */
function bytesText(view: ArrayBufferView): string {
  const kind = view instanceof Uint8Array ? "" : Object.prototype.toString.call(view);
  return `#${kind}${Buffer.from(view.buffer, view.byteOffset, view.byteLength).toString("base64")}`;
}
