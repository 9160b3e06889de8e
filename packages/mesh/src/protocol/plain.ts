import { MeshError, messageOf } from "../errors.ts";
import { textOf } from "./body.ts";

/**
 * Plain payloads: what a person types. JSON if it parses as JSON, else text; one plain reply.
 */

/** What a method's input looks like to somebody who types. */
export type PlainShape =
  | { kind: "string" }
  /** An object with exactly one required property that is a string: bare text is that property. */
  | { kind: "object"; textProperty: string | undefined }
  | { kind: "other" };

/** @throws MeshError `bad_request` for JSON that is clearly meant as an object and is not valid */
export function decodePlain(payload: Uint8Array, shape: PlainShape): unknown {
  const text = textOf(payload);
  const trimmed = text.trim();
  const parsed = parseJson(trimmed);
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
  if (value instanceof Uint8Array) return value;
  try {
    return Buffer.from(JSON.stringify(value, jsonValue) ?? "", "utf8");
  } catch (error) {
    throw new MeshError("internal", `the result has no JSON form: ${messageOf(error)}.`, { cause: error });
  }
}

function jsonValue(this: Record<string, unknown>, key: string, value: unknown): unknown {
  // A Buffer has turned itself into an object by now: look at what it was.
  const original = this[key];
  if (original instanceof Uint8Array) return Buffer.from(original).toString("base64");
  if (typeof value === "bigint") {
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
      ? Number(value)
      : String(value);
  }
  return value;
}

function parseJson(text: string): { value: unknown; error: string | undefined } {
  try {
    return { value: JSON.parse(text), error: undefined };
  } catch (error) {
    return { value: undefined, error: messageOf(error) };
  }
}
