import type { z } from "zod";

/** What a schema, or a check inside one, is made of; zod keeps other schemas and checks anywhere in it. */
interface Part {
  readonly _zod: { readonly def: Readonly<Record<string, unknown>> };
}

/** Kinds of schema, and of check, that run a function which may give a promise. */
const CODE: ReadonlySet<unknown> = new Set(["custom", "transform", "promise", "function"]);

/** True when a schema runs functions of its author's (refinements, transforms), which may be asynchronous. */
export function holdsCode(schema: z.ZodType): boolean {
  return search(schema, new Set());
}

function search(value: unknown, seen: Set<unknown>): boolean {
  if (typeof value !== "object" || value === null || seen.has(value)) return false;
  seen.add(value);
  if (isPart(value)) {
    const { def } = value._zod;
    if (CODE.has(def["type"]) || CODE.has(def["check"])) return true;
    // A codec is a pipe that has its functions here.
    if (typeof def["transform"] === "function") return true;
    if (def["type"] === "lazy") return search((def["getter"] as () => unknown)(), seen);
    return search(def, seen);
  }
  if (value instanceof Date || value instanceof RegExp) return false;
  const inner = value instanceof Map || value instanceof Set ? [...value.values()] : Object.values(value);
  return inner.some((each) => search(each, seen));
}

function isPart(value: object): value is Part {
  return "_zod" in value;
}
