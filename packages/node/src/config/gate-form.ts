import type { GateForm } from "./pipeline-schema.ts";
import { fieldOf } from "./field.ts";

/** A test of a field, from what is written of it. */
export function gateOf(form: GateForm): (value: unknown) => true | string {
  const { field, why } = form;
  const pattern = form.matches === undefined ? undefined : new RegExp(form.matches, "u");
  const what = field ?? "the value";
  return (value) => {
    const wrong = wrongIn(form, pattern, field === undefined ? value : fieldOf(value, field));
    return wrong === undefined ? true : (why ?? `${what} ${wrong}.`);
  };
}

/** Undefined when nothing is. */
function wrongIn(form: GateForm, pattern: RegExp | undefined, given: unknown): string | undefined {
  const { exists, oneOf, min = -Infinity, max = Infinity } = form;
  const isThere = given !== undefined && given !== null;
  if (exists !== undefined && isThere !== exists) return isThere ? "must not be there" : "is missing";
  if ("equals" in form && given !== form.equals) return `must be ${JSON.stringify(form.equals)}`;
  if (oneOf && !oneOf.includes(given)) return `must be one of ${oneOf.map(String).join(", ")}`;
  if (form.min !== undefined || form.max !== undefined) {
    const size = sizeOf(given);
    if (size === undefined) return "has no size";
    if (size < min) return `must be at least ${min}, and is ${size}`;
    if (size > max) return `must be at most ${max}, and is ${size}`;
  }
  if (pattern && !(typeof given === "string" && pattern.test(given))) return `must match ${pattern.source}`;
  return undefined;
}

/** A number itself; of a text or a list its length. */
function sizeOf(given: unknown): number | undefined {
  if (typeof given === "number") return given;
  return typeof given === "string" || Array.isArray(given) ? given.length : undefined;
}
