import { MeshError, messageOf } from "../errors.ts";
import { textOf } from "./body.ts";
import { MAX_DEPTH } from "./guard.ts";
import { lossOf } from "./sendable.ts";

/**
 * Plain payloads: what a person types. JSON if it parses as JSON, else text; one plain reply.
 */

/** What a method's input looks like to somebody who types. */
export type PlainShape =
  | { kind: "string" }
  /** An object with exactly one required property that is a string: bare text is that property. */
  | { kind: "object"; textProperty: string | undefined }
  | { kind: "other" };

/**
 * @throws MeshError `bad_request` for JSON that is clearly meant as an object and is not valid, and for JSON that a
 *   frame could not hold either: nesting over 100, a key `__proto__`
 */
export function decodePlain(payload: Uint8Array, shape: PlainShape): unknown {
  const text = textOf(payload);
  const trimmed = text.trim();
  const parsed = parseJson(trimmed);
  const fault = shape.kind === "string" ? undefined : faultIn(parsed.value, 0);
  if (fault) throw new MeshError("bad_request", `the payload is JSON that cannot be taken: ${fault}.`);
  if (shape.kind === "string") return typeof parsed.value === "string" ? parsed.value : text;
  if (trimmed === "") return shape.kind === "object" ? {} : undefined;
  if (shape.kind === "object") {
    if (typeof parsed.value === "object" && parsed.value !== null) return parsed.value;
    if (parsed.error && trimmed.startsWith("{")) {
      throw new MeshError(
        "bad_request",
        `the payload begins like JSON and is not valid JSON: ${parsed.error}.`,
      );
    }
    if (shape.textProperty !== undefined) {
      return { [shape.textProperty]: typeof parsed.value === "string" ? parsed.value : text };
    }
  }
  return parsed.error ? text : parsed.value;
}

/** @throws MeshError `internal` when the value has no JSON form, such as a cycle */
export function encodePlain(value: unknown): Uint8Array {
  if (value === undefined) return new Uint8Array(0);
  if (typeof value === "string") return Buffer.from(value, "utf8");
  // A copy: the message leaves at the end of the turn, and the bytes are the caller's to change.
  if (ArrayBuffer.isView(value)) return Uint8Array.from(bytesOf(value));
  try {
    return Buffer.from(JSON.stringify(value, jsonValue) ?? "", "utf8");
  } catch (error) {
    throw new MeshError("internal", `the result has no JSON form: ${messageOf(error)}.`, { cause: error });
  }
}

function jsonValue(this: Record<string, unknown>, key: string, value: unknown): unknown {
  // A Buffer or a Date has turned itself into something else by now: look at what it was.
  const original = this[key];
  if (ArrayBuffer.isView(original)) return Buffer.from(bytesOf(original)).toString("base64");
  const sent = original instanceof Date ? original : value;
  const loss = typeof sent === "object" && sent !== null ? lossOf(sent) : undefined;
  if (loss !== undefined) throw new TypeError(loss);
  if (typeof value === "bigint") {
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
      ? Number(value)
      : String(value);
  }
  return value;
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function faultIn(value: unknown, depth: number): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const items = Object.values(value);
  if (items.length === 0) return undefined;
  if (depth >= MAX_DEPTH) return `nesting is deeper than ${MAX_DEPTH} levels`;
  if (Object.hasOwn(value, "__proto__")) return "the key __proto__ is not allowed";
  for (const item of items) {
    const fault = faultIn(item, depth + 1);
    if (fault) return fault;
  }
  return undefined;
}

function parseJson(text: string): { value: unknown; error: string | undefined } {
  try {
    return { value: JSON.parse(text), error: undefined };
  } catch (error) {
    return { value: undefined, error: messageOf(error) };
  }
}
